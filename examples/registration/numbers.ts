/** How a number without `+` is read. */
export const defaultCountry = 'CM'

/** Where people may register from. */
export const countries = ['CM', 'FR', 'US'] as const
