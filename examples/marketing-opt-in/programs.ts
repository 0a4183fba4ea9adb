/** What a person may subscribe to, each by itself. */
export const programs = ['offers', 'news'] as const

export type Program = (typeof programs)[number]

/** Who writes, in every text and on the page. */
export const brand = 'Acme'

/** What the disclosure promises: at most so many texts a month. */
export const textsAMonth = 4
