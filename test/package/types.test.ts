import { resolve } from 'node:path'
import ts from 'typescript'
import { beforeAll, describe, expect, test } from 'vitest'
import { type Compiled, compile } from './compile.js'

// What the compiler must refuse in an application, and for which reason. `public.test-d.ts` says what it must infer.

const head = `
import { createPhoneVerifier, type PhoneNumber, type PhoneVerifier, type PhoneVerifierOptions, type SmsBackend, type Store } from 'phone-verify'
declare const verifier: PhoneVerifier
declare const options: PhoneVerifierOptions
declare const store: Store
const sent = await verifier.sendCode({ phone: '+14155552671', purpose: 'login' })
const checked = await verifier.verifyCode({ sessionToken: '', code: '', purpose: 'login' })
const redeemed = await verifier.redeemProof({ proof: '', purpose: 'login' })
export const all = [createPhoneVerifier, options, store, sent, checked, redeemed]
`

/** TypeScript's numbers for what is wrong. */
const notThere = 2339
const doesNotFit = 2322
const missing = 2345
const unknownField = 2353
const notComparable = 2367

const mistakes: readonly (readonly [title: string, line: string, code: number, names: string])[] = [
  ['the token of a send that may have failed', 'sent.sessionToken', notThere, 'sessionToken'],
  ['the phone of a check that may have failed', 'checked.phone', notThere, 'phone'],
  ['the phone of a redemption that may have failed', 'redeemed.phone', notThere, 'phone'],
  ['attempts left of any failure', 'if (!checked.ok) checked.attemptsLeft', notThere, 'attemptsLeft'],
  ['when to try again, of any failure', 'if (!sent.ok) sent.retryAfterMs', notThere, 'retryAfterMs'],
  ['a reason that a send never has', "if (!sent.ok && sent.reason === 'incorrect_code') void 0", notComparable, 'incorrect_code'],
  ['a reason with a slip of the pen', "if (!checked.ok && checked.reason === 'incorect_code') void 0", notComparable, 'incorect_code'],
  ['a reason of a success', 'if (sent.ok) sent.reason', notThere, 'reason'],
  ['any string as a phone number', "const phone: PhoneNumber = '+14155552671'; void phone", doesNotFit, 'PhoneNumber'],
  ['a send without a purpose', "void verifier.sendCode({ phone: '1' })", missing, 'purpose'],
  ['a check without a token', "void verifier.verifyCode({ phone: '1', code: '1', purpose: 'login' })", missing, 'sessionToken'],
  ['a redemption without a purpose', "void verifier.redeemProof({ proof: '' })", missing, 'purpose'],
  ['a field that no send has', "void verifier.sendCode({ phone: '1', purpose: 'login', ttl: 300 })", unknownField, 'ttl'],
  ['a tenant that is null', "void verifier.sendCode({ phone: '1', purpose: 'login', tenant: null })", doesNotFit, 'null'],
  ['a nested payload', "void verifier.sendCode({ phone: '1', purpose: 'payment', payload: { to: {} } })", doesNotFit, '{}'],
  ['a check of a phone without its token', "void verifier.checkCode('1')", notThere, 'checkCode'],
  ['an option that is none', 'createPhoneVerifier({ ...options, tokenTtl: 300 })', unknownField, 'tokenTtl'],
  ['options without countries', "createPhoneVerifier({ store, sms: options.sms, secret: '', appName: '' })", missing, 'countries'],
  ['a store that lacks a verb', "const half: Store = { reach: 'process', open: store.open }; void half", 2739, 'renew'],
  ['a backend without a name', 'const leaf: SmsBackend = { send: options.sms.send }; void leaf', 2741, 'name'],
  ['a change to an outcome', "if (sent.ok) sent.sessionToken = ''", 2540, 'sessionToken'],
]

const entries = ['index', 'store/memory', 'sms/console', 'sms/outbox', 'testing/index']

let compiled: Compiled

beforeAll(() => {
  const snippets = mistakes.map(([, line], index) => [`mistake-${index}.ts`, `${head}${line}\n`] as const)
  const importAll = entries.map((entry, index) => `import * as m${index} from '../src/${entry}.js'\nexport { m${index} }\n`).join('')
  compiled = compile(new Map([['none.ts', head], ['entries.ts', importAll], ...snippets]))
}, 60_000)

test('a program without a mistake compiles', () => {
  expect(compiled.complaints.filter(({ file }) => !file.startsWith('mistake'))).toEqual([])
})

describe('the compiler refuses', () => {
  test.each(mistakes.map(([title, , code, names], index) => ({ title, code, names, file: `mistake-${index}.ts` })))(
    '$title',
    ({ code, names, file }) => {
      const found = compiled.complaints.filter((complaint) => complaint.file === file)
      expect(found.map((complaint) => complaint.code)).toEqual([code])
      expect(found[0]?.message).toContain(names)
      expect(found[0]?.line).toBe(head.split('\n').length)
    },
  )
})

describe('the public types', () => {
  /** Every symbol that an entry exports, and every type that its declaration names. */
  const inspect = () => {
    const checker = compiled.program.getTypeChecker()
    const target = (symbol: ts.Symbol) => (symbol.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(symbol) : symbol)
    const modules = entries.map((entry) => compiled.program.getSourceFile(resolve(`src/${entry}.ts`)) as ts.SourceFile)
    const exported = new Set(
      modules.flatMap((file) => checker.getExportsOfModule(checker.getSymbolAtLocation(file) as ts.Symbol).map(target)),
    )
    const named = new Map<ts.Symbol, string>()
    const anys: string[] = []

    const visit = (node: ts.Node, owner: string): void => {
      if (ts.isBlock(node)) return
      if (node.kind === ts.SyntaxKind.AnyKeyword) anys.push(owner)
      const name = ts.isTypeReferenceNode(node) ? node.typeName : ts.isExpressionWithTypeArguments(node) ? node.expression : undefined
      const symbol = name && checker.getSymbolAtLocation(name)
      if (symbol) named.set(target(symbol), owner)
      ts.forEachChild(node, (child) => visit(child, owner))
    }
    for (const symbol of exported) for (const declaration of symbol.declarations ?? []) visit(signatureOf(declaration), symbol.name)
    return { exported, named, anys }
  }

  /** What a caller sees of a constant is its type, not its value. */
  const signatureOf = (node: ts.Declaration): ts.Node => (ts.isVariableDeclaration(node) ? (node.type ?? node.name) : node)

  const isOurs = (symbol: ts.Symbol) =>
    symbol.declarations?.some((node) => node.getSourceFile().fileName.startsWith(resolve('src'))) === true
  const isShared = (symbol: ts.Symbol) =>
    symbol.declarations?.some(
      (node) => ts.canHaveModifiers(node) && ts.getModifiers(node)?.some(({ kind }) => kind === ts.SyntaxKind.ExportKeyword),
    ) === true

  test('can all be imported: none names a type of another file that no entry exports', () => {
    const { exported, named } = inspect()
    expect(exported.size).toBeGreaterThan(60)
    const hidden = [...named].filter(([symbol]) => isOurs(symbol) && isShared(symbol) && !exported.has(symbol))
    expect(hidden.map(([symbol, owner]) => `${owner} names ${symbol.name}`)).toEqual([])
  })

  test('hold no any', () => {
    expect(inspect().anys).toEqual([])
  })
})
