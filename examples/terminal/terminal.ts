import type { Interface } from 'node:readline/promises'
import { styleText } from 'node:util'

/** How a line is meant; a terminal may show it by colour. */
export type Tone = 'good' | 'bad' | 'plain'

/** Where the conversation takes place. */
export interface Terminal {
  /** What the person answers; nothing when there will be no more answers. */
  ask(question: string): Promise<string | undefined>
  say(line: string, tone?: Tone): void
}

const styles = { good: 'green', bad: 'yellow' } as const

/** A person at a keyboard. Reads lines one by one, so that pasted ones are answered in turn. */
export function interactiveTerminal(prompter: Interface, write: (text: string) => void, colour: boolean): Terminal {
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
    say: (line, tone = 'plain') => write(`${colour && tone !== 'plain' ? styleText(styles[tone], line) : line}\n`),
  }
}
