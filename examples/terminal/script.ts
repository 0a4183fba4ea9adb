import type { Phone } from './phone.js'
import type { Terminal } from './terminal.js'

export interface ScriptParts {
  /** What a person would have typed, and the directives that begin with `@`. */
  readonly lines: AsyncIterable<string> | Iterable<string>
  readonly write: (text: string) => void
  /** What `@wait` does: moves a clock, or lets the time pass. */
  readonly wait: (ms: number) => void | Promise<void>
  /** The phone that `@code` reads. */
  readonly phone: Pick<Phone, 'lastCode'>
}

const units = { s: 1_000, m: 60_000 } as const

/** Lines instead of a person. Each answer is written behind its question, so that the output reads like a conversation. */
export function scriptedTerminal({ lines, write, wait, phone }: ScriptParts): Terminal {
  const codeOnScreen = () => {
    const code = phone.lastCode()
    if (code === undefined) throw new Error('the script asks for a code, but no SMS has arrived')
    return code
  }

  /** Another last digit: surely wrong, and still a code. */
  const wrongCode = () => codeOnScreen().replace(/.$/, (digit) => String((Number(digit) + 1) % 10))

  async function* play() {
    for await (const line of lines) {
      const text = plain(line)
      if (text === '' || text.startsWith('#')) continue
      const [, amount, unit] = /^@wait (\d{1,6})([sm])$/.exec(text) ?? []
      if (amount !== undefined) {
        write(`${text}\n`)
        await wait(Number(amount) * units[unit as keyof typeof units])
      } else if (text === '@code') yield { text, answer: codeOnScreen() }
      else if (text === '@wrong') yield { text, answer: wrongCode() }
      else if (text.startsWith('@')) throw new Error(`the script says ${text}, but knows only @code, @wrong and @wait <number>s or m`)
      else yield { text, answer: text }
    }
  }

  const played = play()

  return {
    async ask(question) {
      const { done, value } = await played.next()
      if (done) return undefined
      write(`${question}${value.text}\n`)
      return value.answer
    },
    say: (line) => write(`${line}\n`),
  }
}

/** What a script brings must not steer the terminal that shows it. */
const plain = (line: string): string => line.replace(/\p{Cc}/gu, ' ').trim()
