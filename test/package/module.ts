import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import ts from 'typescript'

/** One import, re-export or `import()` of a module. `type` ones are gone after compilation. */
export interface Import {
  readonly specifier: string
  readonly kind: 'value' | 'type' | 'lazy'
}

/** What a source file imports, and what it does that no file of ours may do. */
export interface Module {
  readonly imports: readonly Import[]
  readonly faults: readonly string[]
  readonly lines: number
}

/** Source files by path without extension, as `domain/code`. */
export type Tree = ReadonlyMap<string, string>

/** Every file under a folder that ends so, by its path within it. */
export const readTree = (folder: string, ending: string): Map<string, string> => {
  const paths = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((path) => path.endsWith(ending))
  const read = (path: string) => [path.replaceAll('\\', '/').slice(0, -ending.length), readFileSync(join(folder, path), 'utf8')] as const
  return new Map(paths.sort().map(read))
}

/** Reads a file with the compiler's own parser: a comment or a string that looks like an import is none. */
export function parseModule(path: string, text: string): Module {
  const file = ts.createSourceFile(`${path}.ts`, text, ts.ScriptTarget.ES2023, true)
  const imports: Import[] = []
  const faults: string[] = []

  const visit = (node: ts.Node): void => {
    imports.push(...importsOf(node))
    faults.push(...faultsOf(node, path))
    ts.forEachChild(node, visit)
  }
  visit(file)
  return { imports, faults, lines: text.trimEnd().split('\n').length }
}

function importsOf(node: ts.Node): readonly Import[] {
  if (ts.isImportDeclaration(node)) {
    return [
      { specifier: textOf(node.moduleSpecifier), kind: node.importClause?.phaseModifier === ts.SyntaxKind.TypeKeyword ? 'type' : 'value' },
    ]
  }
  if (ts.isExportDeclaration(node) && node.moduleSpecifier) {
    return [{ specifier: textOf(node.moduleSpecifier), kind: node.isTypeOnly ? 'type' : 'value' }]
  }
  if (ts.isImportTypeNode(node) && ts.isLiteralTypeNode(node.argument)) return [{ specifier: textOf(node.argument.literal), kind: 'type' }]
  const [argument] = ts.isCallExpression(node) && node.expression.kind === ts.SyntaxKind.ImportKeyword ? node.arguments : []
  return argument && ts.isStringLiteral(argument) ? [{ specifier: argument.text, kind: 'lazy' }] : []
}

function faultsOf(node: ts.Node, path: string): readonly string[] {
  const faults: string[] = []
  if (ts.isExportAssignment(node)) faults.push('exports a default')
  if (ts.canHaveModifiers(node) && ts.getModifiers(node)?.some(({ kind }) => kind === ts.SyntaxKind.DefaultKeyword))
    faults.push('exports a default')
  if (ts.isExportSpecifier(node) && node.name.text === 'default') faults.push('exports a default')
  if (ts.isClassLike(node) && !(path === 'errors' && isError(node))) faults.push('has a class that is no error of errors.ts')
  if (ts.isEnumDeclaration(node)) faults.push('has an enum')
  // A framework's own types are added to where it says so: in its module, or in its global namespace.
  if (ts.isModuleDeclaration(node) && !augments(node)) faults.push('has a namespace')
  if (ts.isImportEqualsDeclaration(node)) faults.push('calls require')
  const use = ts.isIdentifier(node) && isUse(node) ? forbidden.get(node.text) : undefined
  if (use !== undefined) faults.push(use)
  if (ts.isPropertyAccessExpression(node) && /^(globalThis\.)?Math\.random$/.test(node.getText())) faults.push('uses Math.random')
  if (ts.isPropertyAccessExpression(node) && node.getText() === 'process.env' && !readers.has(path)) faults.push('reads the environment')
  if (ts.isCallExpression(node) && node.expression.kind === ts.SyntaxKind.ImportKeyword && path !== commandLine) {
    if (node.arguments.length !== 1 || !ts.isStringLiteral(node.arguments[0] as ts.Node))
      faults.push('imports what cannot be read from the source')
  }
  return faults
}

/** The command line loads the file that it is given. */
const commandLine = 'lint-messages'

/** Who may read the environment. */
const readers: ReadonlySet<string> = new Set(['settings', 'services/siblings'])

const forbidden: ReadonlyMap<string, string> = new Map([
  ['console', 'uses console'],
  ['eval', 'uses eval'],
  ['Function', 'uses Function'],
  ['require', 'calls require'],
  ['createRequire', 'calls require'],
])

/** Whether an identifier stands for the thing of that name, and is no member, label or type of the same name. */
function isUse(node: ts.Identifier): boolean {
  const { parent } = node
  if (ts.isPropertyAccessExpression(parent) && parent.name === node) return parent.expression.getText() === 'globalThis'
  if (ts.isBindingElement(parent)) return parent.propertyName !== node
  if (ts.isPropertyAssignment(parent) || ts.isPropertySignature(parent)) return parent.name !== node
  if (ts.isMethodDeclaration(parent) || ts.isMethodSignature(parent)) return parent.name !== node
  return !ts.isTypeReferenceNode(parent)
}

const isError = (node: ts.ClassLikeDeclaration) =>
  node.heritageClauses?.some(({ token, types }) => token === ts.SyntaxKind.ExtendsKeyword && types[0]?.expression.getText() === 'Error') ===
  true

const textOf = (node: ts.Node) => (ts.isStringLiteral(node) ? node.text : '')

const augments = (node: ts.ModuleDeclaration): boolean =>
  ts.isStringLiteral(node.name) ||
  (node.flags & ts.NodeFlags.GlobalAugmentation) !== 0 ||
  (node.name.text === 'Express' && ts.isModuleBlock(node.parent) && augments(node.parent.parent))
