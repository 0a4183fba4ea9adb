import type { Interface } from 'node:readline/promises'
import { styleText } from 'node:util'

/** How a line is meant; a terminal may show it by colour. */
export type Tone = 'good' | 'bad'

/** Where the conversation takes place. */
export interface Terminal {
  /** What the person answers; nothing when there will be no more answers. */
  ask(question: string): Promise<string | undefined>
  say(line: string, tone?: Tone): void
}

const styles = { good: 'green', bad: 'yellow' } as const

/** A person at a keyboard. Reads lines one by one, so that pasted ones are answered in turn. */
export function interactiveTerminal(prompter: Interface, write: (text: string) => void): Terminal {
  const lines = prompter[Symbol.asyncIterator]()
  let open = true
  prompter.once('close', () => {
    open = false
  })

  return {
    async ask(question) {
      prompter.setPrompt(question)
      if (open) prompter.prompt()
      const { done, value } = await lines.next()
      // Ctrl-D and Ctrl-C leave the cursor behind the question.
      if (done) write('\n')
      return done ? undefined : value.trim()
    },
    // Colours where standard output is a terminal and NO_COLOR is not set: styleText looks for itself.
    say: (line, tone) => write(`${tone === undefined ? line : styleText(styles[tone], line)}\n`),
  }
}
