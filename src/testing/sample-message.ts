import type { SmsMessage } from '../sms/backend.js'

export const CODE = '482913'
export const PAYEE = 'quince-lantern'

/** Valid mobile numbers of one country, told apart by `index`, 0 to 99. */
export const phone = (index: number) => `+336123450${String(index).padStart(2, '0')}` as SmsMessage['to']

/** A message that every backend must take. Its payee is a word that stands nowhere else, so that a part of the text shows in an error. */
export const sampleMessage = (over: Partial<SmsMessage> = {}): SmsMessage => ({
  to: phone(0),
  text: `Acme: ${CODE} pays ${PAYEE}`,
  code: CODE,
  purpose: 'payment',
  context: { app: 'Acme', payee: PAYEE },
  mustContain: [CODE, PAYEE],
  ...over,
})

/** What encoders, trimmers, normalizers, template engines and limits of length get wrong. */
export const AWKWARD: readonly string[] = [
  `Acme: ${CODE}\n\n@example.com #${CODE}`,
  `a+b&c=d%20;e?f#g/h\\i"j'k<l>m`,
  `{{code}} {code} $& $1 %s \\u0041 ${CODE}`,
  '  two spaces before, one after ',
  'tab\there, [brackets] {braces} ~ ^ | €',
  'Zoe\u0308 is not Zo\u00eb',
  'رمزك ٤٨٢٩١٣ הקוד שלך',
  '確認コード：４８２９１３ 👩‍👩‍👧 🇫🇷',
  `long ${'0123456789 '.repeat(60)}end`,
]
