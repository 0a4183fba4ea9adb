import type { Texts } from './texts.js'

export const it: Texts = {
  code: {
    registration: '{{code}} è il Suo codice di registrazione per {{app}}. Valido {{minutes}} min. Non lo comunichi a nessuno.',
    login: '{{code}} è il Suo codice di accesso a {{app}}. Valido {{minutes}} min. Non lo comunichi a nessuno.',
    two_factor: '{{code}} è il Suo codice di sicurezza per {{app}}. Valido {{minutes}} min. Non lo comunichi a nessuno.',
    password_reset: '{{code}} è il Suo codice per reimpostare la password di {{app}}. Valido {{minutes}} min. Non lo comunichi a nessuno.',
    phone_change:
      '{{code}} è il Suo codice per cambiare il numero di telefono su {{app}}. Valido {{minutes}} min. Non lo comunichi a nessuno.',
    payment: '{{code}} è il Suo codice per confermare su {{app}}: {{details}}. Valido {{minutes}} min. Non lo comunichi a nessuno.',
    marketing_opt_in: '{{code}} è il Suo codice per confermare che desidera ricevere SMS da {{app}}. Valido {{minutes}} min.',
    other: '{{code}} è il Suo codice per {{app}}. Valido {{minutes}} min. Non lo comunichi a nessuno.',
  },
  notice: {
    password_changed:
      "La password del Suo account {{app}} è stata modificata. Se non ha eseguito Lei l'operazione, contatti subito {{app}}.",
    password_reset:
      "La password del Suo account {{app}} è stata reimpostata. Se non ha eseguito Lei l'operazione, contatti subito {{app}}.",
    phone_changed_old:
      "Il numero di telefono del Suo account {{app}} è stato modificato. Se non ha eseguito Lei l'operazione, contatti subito {{app}}.",
    phone_changed_new: 'Questo numero di telefono è ora associato al Suo account {{app}}.',
    security_alert: 'Attività insolita rilevata nel Suo account {{app}}. Se non la riconosce, contatti subito {{app}}.',
  },
}
