/**
 * What a language says. A code's text may use `{{code}}`, `{{app}}` and `{{minutes}}`, that of a payment `{{details}}` besides; a notice
 * `{{app}}` only.
 */
export interface Texts {
  /** By purpose; `other` for those that the application declares. */
  readonly code: Readonly<
    Record<'registration' | 'login' | 'two_factor' | 'password_reset' | 'phone_change' | 'payment' | 'marketing_opt_in' | 'other', string>
  >
  /** By template of `notify`. */
  readonly notice: Readonly<
    Record<'password_changed' | 'password_reset' | 'phone_changed_old' | 'phone_changed_new' | 'security_alert', string>
  >
}

/** Texts of one language, as many as the application says otherwise; purposes and templates of its own besides. */
export interface LocalizedTexts {
  readonly code?: Partial<Texts['code']> & Readonly<Record<string, string>>
  readonly notice?: Partial<Texts['notice']> & Readonly<Record<string, string>>
}

const isForm = /_(?:zero|one|two|few|many|other)$/

/** The names of texts; those of plural forms without their ending too. */
export const namesIn = (texts: Readonly<Record<string, unknown>> | undefined): ReadonlySet<string> =>
  new Set(Object.keys(texts ?? {}).flatMap((name) => [name, name.replace(isForm, '')]))
