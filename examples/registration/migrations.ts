/** The tables of this app, after those that it stands on. */
export const migrations: readonly URL[] = [
  new URL('../service/migrations/', import.meta.url),
  new URL('../accounts/migrations/', import.meta.url),
  new URL('./migrations/', import.meta.url),
]
