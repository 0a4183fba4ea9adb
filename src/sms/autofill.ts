import { misconfigured, type Problem } from '../errors.js'
import type { SmsBackend, SmsMessage } from './backend.js'
import { requireText } from './must-contain.js'

/** Options of `autofill`: what is left out is not added. */
export interface AutofillOptions {
  /** The host that the code is for, as in its address: browsers and phones fill the code in there and nowhere else. */
  readonly domain?: string
  /** The 11 characters by which the SMS Retriever of Android knows the application. The whole text must stay within 140 bytes of UTF-8. */
  readonly androidHash?: string
  /** A tag that the page shows too, so that a person with two codes knows which is asked for: letters and hyphens, up to 16. */
  readonly reference?: string | ((message: SmsMessage) => string | undefined)
}

/**
 * Adds to a text with a code what lets a phone fill it in. The order is fixed: the text, `Ref: QKZ`, an empty line, the hash, and last
 * `@example.com #482913`, which counts in the last line only, while the hash may stand anywhere. Notices pass unchanged.
 *
 * With a `domain`, whatever else in the text would read as such a line gets a space behind its `@`; where that was a value which the person
 * must read, the leaf refuses the message.
 *
 * @returns a backend under the name of the one it wraps
 * @throws `ERR_PV_CONFIGURATION`, with every problem at once; from `send` where the text lacks one of `mustContain`, the hash would make it
 * longer than 140 bytes, or the code or the reference is not as it must be
 * @example
 * ```ts
 * import { autofill } from 'phone-verify/sms/autofill'
 * import { consoleBackend } from 'phone-verify/sms/console'
 *
 * export const sms = autofill({ domain: 'example.com', androidHash: 'FA+9qCX9VSu' }, consoleBackend())
 * ```
 */
export function autofill(options: AutofillOptions, backend: SmsBackend): SmsBackend {
  const { domain, androidHash, reference }: AutofillOptions = Object.assign(Object.create(null), options)
  const problems = problemsOf(domain, androidHash, reference)
  if (problems.length > 0) throw misconfigured(problems)

  return {
    name: backend.name,
    async send(message, signal) {
      const { text, code }: SmsMessage = Object.assign(Object.create(null), message)
      if (code === undefined) return backend.send(message, signal)
      // Before the code is added: the leaf would find it in the last line, where nobody looks for it.
      requireText(message, backend.name)
      if (domain !== undefined && !/^[0-9A-Za-z]+$/.test(code)) throw misconfigured([{ option: 'code', message: 'must be ASCII' }])
      const tag = typeof reference === 'function' ? asked(reference, message) : reference
      const boundLine = `@${domain} #${code}`
      const body = domain === undefined ? text : unbound(withoutLast(text, boundLine))
      const machine = [...(androidHash === undefined ? [] : [androidHash]), ...(domain === undefined ? [] : [boundLine])].join('\n')
      const whole = `${body}${tag === undefined ? '' : `\nRef: ${tag}`}${machine === '' ? '' : `\n\n${machine}`}`
      const bytes = Buffer.byteLength(whole)
      if (androidHash !== undefined && bytes > mostBytes)
        throw misconfigured([
          { option: 'text', message: `has ${bytes} bytes with what androidHash and domain add, the SMS Retriever reads 140` },
        ])
      return backend.send(whole === text ? message : Object.freeze({ ...message, text: whole }), signal)
    },
  }
}

const mostBytes = 140

const isTag = (value: unknown): boolean => typeof value === 'string' && value.length <= 16 && /^[A-Za-z](?:-?[A-Za-z]){0,15}$/.test(value)

/** Labels of ASCII in lower case: the line is compared with the origin as it stands, without a scheme, a port or a path. */
const isHost = (value: unknown): boolean =>
  typeof value === 'string' && value.length <= 253 && /^(?!-)[a-z0-9-]{1,63}(?<!-)(?:\.(?!-)[a-z0-9-]{1,63}(?<!-))*$/.test(value)

function problemsOf(domain: unknown, androidHash: unknown, reference: unknown): readonly Problem[] {
  const rules: readonly (readonly [option: string, holds: boolean, message: string])[] = [
    ['domain', domain === undefined || isHost(domain), 'must be a host in lower case, as in https://example.com without the scheme'],
    ['androidHash', androidHash === undefined || isHash(androidHash), 'must be the 11 characters of base64 of an application'],
    ['reference', reference === undefined || typeof reference === 'function' || isTag(reference), 'must be up to 16 letters and hyphens'],
  ]
  return rules.filter(([, holds]) => !holds).map(([option, , message]) => ({ option, message }))
}

const isHash = (value: unknown): boolean => typeof value === 'string' && /^[A-Za-z0-9+/]{11}$/.test(value)

function asked(reference: (message: SmsMessage) => string | undefined, message: SmsMessage): string | undefined {
  let tag: unknown
  try {
    tag = reference(message)
  } catch {
    // What it threw is the application's, and may hold the message.
    throw misconfigured([{ option: 'reference', message: 'failed' }])
  }
  if (tag === undefined) return undefined
  if (!isTag(tag)) throw misconfigured([{ option: 'reference', message: 'must be up to 16 letters and hyphens' }])
  return String(tag)
}

/** A text that ends with the line already gets it once. */
const withoutLast = (text: string, line: string): string =>
  text.endsWith(`\n${line}`) ? text.slice(0, -line.length).replace(/\n+$/, '') : text

/**
 * Takes every other `@host #code` out of the reach of parsers. The format counts in the last line only; Chrome looks at the whole text and
 * takes the first. An e-mail address before a number stays.
 */
const unbound = (text: string): string => text.replace(/(?<![\p{L}\p{N}])@(?=[^\t\n\f\r ]+[\t\n\f\r ]+#[^\t\n\f\r ])/gu, '@ ')
