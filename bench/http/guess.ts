/** A guess that is wrong, at a challenge of its own, and who makes it. */
export interface Guess {
  readonly sessionToken: string
  readonly code: string
  readonly ip: string
}

export const path = '/phone/verify'

/** What both answer a wrong guess with, in as many bytes: nobody wins by saying less. */
export const answerTo = (attemptsLeft: number) => ({
  type: 'urn:phone-verify:incorrect_code',
  title: 'The code is wrong.',
  status: 422,
  code: 'incorrect_code',
  attemptsLeft,
})

/** The request as it goes over the connection, the same for both. */
export function bytesOf({ sessionToken, code, ip }: Guess): Buffer {
  const body = JSON.stringify({ sessionToken, code })
  const headers = [
    `POST ${path} HTTP/1.1`,
    'Host: localhost',
    'Accept: application/json',
    'Accept-Language: en',
    `X-Forwarded-For: ${ip}`,
    'Content-Type: application/json',
    `Content-Length: ${body.length}`,
  ]
  return Buffer.from(`${headers.join('\r\n')}\r\n\r\n${body}`)
}
