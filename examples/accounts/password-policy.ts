import type { Sentence } from '../service/language.js'

/** What of a person a password must not be made of. */
export interface PersonalWords {
  readonly firstName?: string | undefined
  readonly lastName?: string | undefined
  readonly email?: string | null | undefined
  readonly phone?: string | null | undefined
}

/** NIST 63B asks for 8 characters at least, and for no rules of composition; ASVS 5.0 6.2 for no shorter limit than 64. */
const [shortest, longest] = [8, 128]

/** The passwords that are tried first everywhere. A service of many users asks a list of breached ones. */
const common = new Set(
  [
    'password',
    'password1',
    'password123',
    'passw0rd',
    'motdepasse',
    'motdepasse1',
    'motdepasse123',
    'azertyuiop',
    'azerty123',
    'qwertyuiop',
  ].concat(
    [
      'qwerty123',
      'iloveyou',
      'jetaime123',
      'bonjour123',
      'welcome1',
      'welcome123',
      'admin123',
      'football',
      'sunshine',
      'princess',
      'letmein1',
    ],
    [
      'doudou123',
      'loulou123',
      'abcd1234',
      'abcdefgh',
      'superman',
      'trustno1',
      'changeme',
      'changeme123',
      'monpassword',
      'soleil123',
      'chouchou',
    ],
  ),
)

export const passwordSentences = {
  password_too_short: {
    fr: 'Ce mot de passe est trop court : il faut au moins 8 caractères.',
    en: 'This password is too short: it must have at least 8 characters.',
  },
  password_too_long: {
    fr: 'Ce mot de passe est trop long : 128 caractères au plus.',
    en: 'This password is too long: 128 characters at most.',
  },
  password_numeric: { fr: 'Ce mot de passe ne contient que des chiffres.', en: 'This password is entirely numeric.' },
  password_common: { fr: 'Ce mot de passe est trop courant.', en: 'This password is too common.' },
  password_personal: {
    fr: 'Ce mot de passe ressemble trop à vos informations personnelles.',
    en: 'This password is too similar to your personal information.',
  },
} as const satisfies Readonly<Record<string, Sentence>>

export type PasswordProblem = keyof typeof passwordSentences

/** Everything that is wrong with a new password; nothing where it may be used. */
export function passwordProblems(password: string, person: PersonalWords = {}): readonly PasswordProblem[] {
  const text = password.normalize('NFKC')
  const length = [...text].length
  const plain = text.toLowerCase()
  const words = [person.firstName, person.lastName, person.email?.split('@')[0], person.phone?.replace(/\D/g, '')]
  const isPersonal = words.some((word) => word !== undefined && word.length >= 4 && plain.includes(word.normalize('NFKC').toLowerCase()))
  return [
    ...(length < shortest ? (['password_too_short'] as const) : []),
    ...(length > longest ? (['password_too_long'] as const) : []),
    ...(/^\p{Nd}+$/u.test(text) ? (['password_numeric'] as const) : []),
    ...(common.has(plain) ? (['password_common'] as const) : []),
    ...(isPersonal ? (['password_personal'] as const) : []),
  ]
}
