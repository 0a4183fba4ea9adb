import type { LocalizedOptions } from 'phone-verify/sms/localized'
import { textsAMonth } from './programs.js'

/** The code, which says what it is for and advertises nothing (L11). It leaves from the sender of codes. */
export const codeTexts: NonNullable<LocalizedOptions['resources']> = {
  fr: { code: { preferences: '{{code}} est votre code pour vos SMS {{app}}. Valable {{minutes}} min. Ne le communiquez à personne.' } },
  en: { code: { preferences: '{{code}} is your code to manage texts from {{app}}. It expires in {{minutes}} min. Do not share it.' } },
}

/**
 * What the marketing sender says. `welcome` repeats the disclosure (L3), `stopped` confirms and advertises nothing (L6). One segment each:
 * the letters are those of GSM-7.
 */
export const marketingTexts: NonNullable<LocalizedOptions['resources']> = {
  fr: {
    notice: {
      welcome: `{{app}} : abonnement aux SMS publicitaires automatisés confirmé, ${textsAMonth}/mois max. Frais de messagerie et données possibles. AIDE pour infos, STOP pour finir.`,
      stopped: '{{app}} : désinscription faite, vous ne recevrez plus de SMS publicitaires. START pour revenir.',
      help: '{{app}} : SMS publicitaires. Aide : {{site}}. Frais de messagerie et données possibles. STOP pour vous désinscrire.',
      campaign: '{{app}} : {{text}} STOP pour vous désinscrire',
    },
  },
  en: {
    notice: {
      welcome: `{{app}}: you are in for recurring automated marketing texts, up to ${textsAMonth} msgs/month. Msg & data rates may apply. Reply HELP for help, STOP to cancel.`,
      stopped: '{{app}}: you are unsubscribed and will get no more marketing texts. Reply START to come back.',
      help: '{{app}}: marketing texts. Help: {{site}}. Msg & data rates may apply. Reply STOP to cancel.',
      campaign: '{{app}}: {{text}} Reply STOP to cancel',
    },
  },
  es: {
    notice: {
      stopped: '{{app}}: se dio de baja de los SMS publicitarios. Responda START para volver.',
      help: '{{app}}: SMS publicitarios. Ayuda: {{site}}. Pueden aplicarse tarifas de mensajes y datos. STOP para darse de baja.',
    },
  },
  de: {
    notice: {
      stopped: '{{app}}: Sie sind abgemeldet und erhalten keine Werbe-SMS mehr. START bringt Sie zurück.',
      help: '{{app}}: Werbe-SMS. Hilfe: {{site}}. Kosten für Nachrichten und Daten sind möglich. STOPP meldet Sie ab.',
    },
  },
}
