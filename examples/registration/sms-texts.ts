/** The text of an activation, in the languages of this app. Readers of others get the library's own. */
export const smsTexts = {
  fr: {
    code: {
      registration_one: "Votre code d'activation {{app}} est: {{code}}. Ce code expire dans {{minutes}} minute. Ne partagez pas ce code.",
      registration_other:
        "Votre code d'activation {{app}} est: {{code}}. Ce code expire dans {{minutes}} minutes. Ne partagez pas ce code.",
    },
  },
  en: {
    code: {
      registration_one: 'Your {{app}} activation code is: {{code}}. It expires in {{minutes}} minute. Do not share this code.',
      registration_other: 'Your {{app}} activation code is: {{code}}. It expires in {{minutes}} minutes. Do not share this code.',
    },
  },
} as const
