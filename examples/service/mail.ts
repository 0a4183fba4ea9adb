/** An e-mail, in plain text. */
export interface Letter {
  readonly to: string
  readonly subject: string
  readonly text: string
}

/** Hands a letter to whatever delivers e-mail for the application. */
export type SendMail = (letter: Letter) => Promise<void>

/** Prints letters instead of sending them: for a laptop. Never in production, where they would be lost and could be read in the log. */
export const printMail: SendMail = async ({ to, subject, text }) => void process.stdout.write(`E-mail to ${to}: ${subject}\n${text}\n`)
