import type { Exchanged } from './exchange.js'
import { meaningOf, type Reason } from './exchange-meaning.js'
import type { Meaning } from './failure.js'

/** What Vonage made of a request. */
export type Verdict = { readonly meaning: 'taken'; readonly messageId: string } | Reason

/** Which of the two interfaces of Vonage. */
export type Api = 'messages' | 'sms'

export const judge = (api: Api, exchanged: Exchanged): Verdict => (api === 'sms' ? judgeSms(exchanged) : judgeMessages(exchanged))

/**
 * Statuses of the SMS API, https://developer.vonage.com/en/api-errors/sms. Where another provider may do better, it is `unavailable`; 5 is
 * an internal error of which nobody says when it happened. What is not listed is unknown.
 */
const statuses: ReadonlyMap<string, readonly [Meaning, string]> = new Map([
  ['1', ['unavailable', 'throttled']],
  ['2', ['unavailable', 'a parameter is missing']],
  ['3', ['unavailable', 'a parameter is invalid']],
  ['4', ['unavailable', 'the credentials are wrong']],
  ['5', ['unknown', 'internal error']],
  ['6', ['unavailable', 'the message cannot be routed']],
  ['7', ['refused', 'the number is barred']],
  ['8', ['unavailable', 'the account is suspended']],
  ['9', ['unavailable', 'the credit is used up']],
  ['10', ['unavailable', 'too many connections']],
  ['11', ['unavailable', 'the account may not use this API']],
  ['12', ['unavailable', 'the text is too long']],
  ['14', ['unavailable', 'the signature is wrong']],
  ['15', ['unavailable', 'the sender is not allowed']],
  ['22', ['unavailable', 'the network code is invalid']],
  ['23', ['unavailable', 'the callback URL is invalid']],
  ['29', ['unavailable', 'the number is not on the list of a trial account']],
  ['32', ['unavailable', 'signature and secret were both sent']],
  ['33', ['refused', 'the number is deactivated']],
])

/**
 * Problems of the Messages API, https://developer.vonage.com/en/api-errors/messages: what the `type` ends with. Only these differ from what
 * the status of HTTP says.
 */
const problems: ReadonlyMap<string, readonly [Meaning, string]> = new Map([
  ['1000', ['unavailable', 'throttled']],
  ['1030', ['unknown', 'internal error']],
  ['1050', ['refused', 'the number is barred']],
  ['1070', ['unavailable', 'the credit is used up']],
  ['1100', ['unavailable', 'not submitted, for want of a connection']],
  ['1170', ['refused', 'the number is invalid']],
  ['1190', ['refused', 'the number is no longer in use']],
  ['1240', ['refused', 'the person has opted out']],
])

/** The SMS API answers 200 whatever happens, with an entry for each part of the text. */
function judgeSms(exchanged: Exchanged): Verdict {
  if (!isOk(exchanged)) return meaningOf(exchanged)
  const parts = fieldsOf(readJson(exchanged))['messages']
  if (!Array.isArray(parts) || parts.length === 0) return odd
  const entries = parts.map(fieldsOf)
  const failed = entries.filter(({ status }) => status !== '0').map(({ status }) => meaningOfPart(status))
  const [first] = failed
  if (first === undefined) return taken(entries[0]?.['message-id'])
  if (failed.length < entries.length) return { ...first, meaning: 'unknown', what: 'only a part of the text was taken' }
  return failed.find(({ meaning }) => meaning === 'unknown') ?? first
}

/** Digits, few enough that no number and no code hides among them. */
function meaningOfPart(status: unknown): Reason {
  if (typeof status !== 'string' || !/^\d{1,3}$/.test(status)) return odd
  const [meaning, what] = statuses.get(status) ?? ['unknown', 'a status that is not known']
  return { meaning, what, providerCode: status }
}

function judgeMessages(exchanged: Exchanged): Verdict {
  const fields = fieldsOf(readJson(exchanged))
  if (isOk(exchanged)) return taken(fields['message_uuid'])
  // Of a redirect, whatever its body says.
  if (exchanged.outcome !== 'answered' || exchanged.status < 400) return meaningOf(exchanged)
  const [, code] = /#(\d{4}|[a-z-]{1,40})$/.exec(String(fields['type'])) ?? []
  const reason = meaningOf(exchanged)
  if (code === undefined) return reason
  const [meaning, what] = problems.get(code) ?? [reason.meaning, reason.what]
  return { meaning, what, providerCode: code }
}

const odd: Reason = { meaning: 'unknown', what: 'an answer that cannot be read' }

const taken = (id: unknown): Verdict => (typeof id === 'string' && id !== '' ? { meaning: 'taken', messageId: id } : odd)

const isOk = (exchanged: Exchanged) => exchanged.outcome === 'answered' && exchanged.status >= 200 && exchanged.status < 300

function readJson(exchanged: Exchanged): unknown {
  if (exchanged.outcome !== 'answered') return undefined
  try {
    return JSON.parse(exchanged.body ?? '')
  } catch {
    return undefined
  }
}

/** Own fields only. */
const fieldsOf = (value: unknown): Readonly<Record<string, unknown>> => Object.assign(Object.create(null), Object(value))
