import { dirname, resolve } from 'node:path'
import ts from 'typescript'

/** Where files that exist only in memory seem to stand: beside src, so that they import the package as the tests do. */
const folder = resolve('.in-memory')

export interface Compiled {
  /** What the compiler has to say of each file, as `name:line: message`, and its code. */
  readonly complaints: readonly Complaint[]
  /** The members of a union of string literals that a file exports as a type. */
  readonly members: (file: string, type: string) => readonly string[]
  readonly program: ts.Program
}

export interface Complaint {
  readonly file: string
  readonly line: number
  readonly code: number
  readonly message: string
}

/** Compiles files that exist only in memory, each a module of its own, with the project's own settings, in one program. */
export function compile(files: ReadonlyMap<string, string>): Compiled {
  const { config } = ts.readConfigFile('tsconfig.json', ts.sys.readFile)
  const { options } = ts.parseJsonConfigFileContent({ ...config, include: [], files: [] }, ts.sys, resolve('.'))
  const settings: ts.CompilerOptions = { ...options, moduleDetection: ts.ModuleDetectionKind.Force }
  const host = ts.createCompilerHost(settings)
  const { readFile, fileExists, getSourceFile, directoryExists } = host
  const inMemory = (path: string) => (dirname(path) === folder ? files.get(path.slice(folder.length + 1)) : undefined)

  host.readFile = (path) => inMemory(path) ?? readFile(path)
  host.fileExists = (path) => inMemory(path) !== undefined || fileExists(path)
  host.directoryExists = (path) => path === folder || directoryExists?.(path) === true
  host.getSourceFile = (path, target, ...rest) => {
    const text = inMemory(path)
    return text === undefined ? getSourceFile(path, target, ...rest) : ts.createSourceFile(path, text, target)
  }

  const program = ts.createProgram(
    [...files.keys()].map((name) => resolve(folder, name)),
    settings,
    host,
  )
  const fileOf = (name: string) => program.getSourceFile(resolve(folder, name)) as ts.SourceFile
  const checker = program.getTypeChecker()

  return {
    program,
    complaints: [...files.keys()].flatMap((name) => {
      const file = fileOf(name)
      return [...program.getSyntacticDiagnostics(file), ...program.getSemanticDiagnostics(file)].map(({ start, code, messageText }) => {
        const line = file.getLineAndCharacterOfPosition(start ?? 0).line + 1
        return { file: name, line, code, message: ts.flattenDiagnosticMessageText(messageText, ' ') }
      })
    }),
    members(name, type) {
      const alias = fileOf(name).statements.find((statement) => ts.isTypeAliasDeclaration(statement) && statement.name.text === type)
      if (alias === undefined) throw new Error(`${name} has no type ${type}`)
      const found = checker.getTypeAtLocation(alias)
      const each = found.isUnion() ? found.types : [found]
      return each.map((one) => (one.isStringLiteral() ? one.value : checker.typeToString(one))).sort()
    },
  }
}
