import type { LocalizedTexts } from 'phone-verify/sms/localized'
import type { Language } from '../service/language.js'
import { codePrefix } from './code.js'

/** Each says what its code is for: whoever is asked for one on the phone knows what they would give away. */
export const texts: Readonly<Record<Language, LocalizedTexts>> = {
  fr: {
    code: {
      confirmation: `{{greeting}}, votre code de confirmation est: ${codePrefix}{{code}}`,
      password_reset: `{{greeting}}, votre code de réinitialisation est: ${codePrefix}{{code}}. Ne le donnez à personne.`,
      two_factor: `{{greeting}}, votre code de connexion est: ${codePrefix}{{code}}. Ne le donnez à personne.`,
    },
  },
  en: {
    code: {
      confirmation: `{{greeting}}, your confirmation code is: ${codePrefix}{{code}}`,
      password_reset: `{{greeting}}, your reset code is: ${codePrefix}{{code}}. Give it to nobody.`,
      two_factor: `{{greeting}}, your sign-in code is: ${codePrefix}{{code}}. Give it to nobody.`,
    },
  },
}

const hello = { fr: 'Bonjour', en: 'Hello' } as const

/** What the texts know of a person: a first name, where there is one. */
export const greet = (prenom: string | undefined, language: Language) => ({
  greeting: prenom ? `${hello[language]} ${prenom}` : hello[language],
})
