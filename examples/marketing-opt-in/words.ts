/** What a text that comes in may mean. */
export type Meaning = 'stop' | 'start' | 'help'

/**
 * Words that stand alone in a text, by the language they are of: letters only, no case, no accents. Of English, the seven of 47 CFR
 * 64.1200(a)(10) (stop, quit, end, revoke, opt out, cancel, unsubscribe) and those that providers add.
 */
export const words: Readonly<Record<string, Readonly<Record<Meaning, readonly string[]>>>> = {
  en: {
    stop: [
      ...['stop', 'quit', 'end', 'revoke', 'optout', 'cancel', 'unsubscribe'],
      ...['stopall', 'stopplease', 'pleasestop', 'remove', 'removeme', 'unsubscribeme', 'td'],
    ],
    start: ['start', 'unstop'],
    help: ['help', 'info'],
  },
  fr: {
    stop: ['arret', 'arreter', 'arretez', 'stopper', 'desabonner', 'desabonnement', 'desinscrire', 'desinscription', 'resilier'],
    start: ['demarrer', 'reprendre'],
    help: ['aide', 'infos'],
  },
  es: {
    stop: ['alto', 'baja', 'cancelar', 'parar', 'detener', 'darmedebaja'],
    start: ['iniciar', 'comenzar'],
    help: ['ayuda', 'informacion'],
  },
  de: {
    stop: ['stopp', 'halt', 'ende', 'abmelden', 'abbestellen', 'kundigen'],
    start: ['anmelden'],
    help: ['hilfe'],
  },
}

/**
 * Sentences that ask for an end, of words without accents. "Any reasonable manner" is a duty: what is plainly meant counts; what is not
 * plain is for people to read.
 */
export const sentencesThatStop: readonly RegExp[] = [
  /\b(?:stop|quit|cease)\b.{0,20}\b(?:text|texts|texting|messag\w*|sms|sending|contact\w*|writ\w*|spam\w*|this|these)\b/,
  /\b(?:do not|dont|don t|never|no more|no longer)\b.{0,30}\b(?:texts?|texting|messag\w*|sms|contact\w*|send\w*|writ\w*)\b/,
  /\b(?:unsubscribe|remove|delete|opt)\b.{0,12}\b(?:me|my number|this number|out)\b/,
  /\b(?:take me off|leave me alone|off (?:your|the|this) list)\b/,
  /\b(?:arret\w*|cess\w*|stop\w*)\b.{0,30}\b(?:envo\w*|sms|messages?|textos?|pub\w*|ecrire|contact\w*)\b/,
  /\b(?:ne|n)\b.{0,20}\b(?:plus|pas)\b.{0,30}\b(?:sms|messages?|textos?|pub\w*|ecrire|contact\w*|recevoir)\b/,
  /\bplus (?:de|aucun) (?:sms|messages?|textos?|pub\w*)\b/,
  /\bdes(?:abonn|inscri)\w*\b.{0,10}\bmoi\b/,
  /\b(?:no|deje\w*|pare\w*|basta)\b.{0,30}\b(?:mensajes?|sms|textos?|envi\w*|escrib\w*)\b/,
  /\b(?:keine?|nicht|aufhoren|stopp?)\b.{0,30}\b(?:sms|nachrichten?|werbung|schreib\w*|schick\w*)\b/,
]

/** What turns such a sentence around: "don't stop texting me", "I never got your message". */
export const sentencesThatDoNot: readonly RegExp[] = [
  /\b(?:do not|dont|don t|never|didn t|did not|not) (?:ever )?(?:want (?:to|you to) )?(?:stop|quit|cease|unsubscribe|remove)\b/,
  /\b(?:did not|didn t|didnt|never|not) (?:got|get|gotten|receiv\w*|see|sent|send\w* yet)\b/,
  /\b(?:n arret\w*|ne stop\w*|n ai pas|pas recu)\b/,
]
