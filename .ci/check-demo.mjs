// Runs the demo once as a script, the way a pipe does, and looks at what it prints and how it ends.
import { spawnSync } from 'node:child_process'

const phone = '+33612345678'
const script = ['+33123456789', phone, 'r', '@wait 30s', 'r', '@wrong', '@code']

const startedAt = performance.now()
const { status, signal, error, stdout, stderr } = spawnSync('npm', ['run', '-s', 'demo'], {
  input: script.map((line) => `${line}\n`).join(''),
  encoding: 'utf8',
  timeout: 18_000,
})
const seconds = ((performance.now() - startedAt) / 1_000).toFixed(1)

// In this order: each is looked for behind the one before.
const expected = [
  ['a refusal of the landline', '(number_type_not_allowed)'],
  ['a drawn SMS', `│ SMS to ${phone}`],
  ['its code', /│ \d{6} is your Acme code/],
  ['a resend that came too early', '(rate_limited by sendsPerPhone)'],
  ['the resent SMS', `│ SMS to ${phone}`],
  ['a wrong code', 'Wrong code: 4 attempts left. (incorrect_code)'],
  ['the verified number', `\nverified ${phone} for login\n`],
  ['the proof, redeemed', `\nredeemed ${phone} for login\n`],
  ['and redeemed again', 'already_redeemed'],
]

const faults = []
if (error) faults.push(error.message)
if (status !== 0) faults.push(`ended with ${status ?? signal}`)
if (stdout?.includes('\u001b')) faults.push('prints control sequences where there is no terminal')

let rest = stdout ?? ''
for (const [what, pattern] of expected) {
  const found = typeof pattern === 'string' ? pattern : pattern.exec(rest)?.[0]
  const at = found === undefined ? -1 : rest.indexOf(found)
  if (at < 0) faults.push(`lacks ${what}`)
  // A line's end may begin the next thing looked for.
  else rest = rest.slice(at + found.length - (found.endsWith('\n') ? 1 : 0))
}

console.log(stdout)
if (faults.length > 0) {
  console.error(`check-demo failed:\n  ${faults.join('\n  ')}\n${stderr ?? ''}`)
  process.exit(1)
}
console.log(`check-demo: the demo did what it says, in ${seconds} s`)
