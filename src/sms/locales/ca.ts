import type { Texts } from './texts.js'

export const ca: Texts = {
  code: {
    registration: '{{code}} és el vostre codi de registre a {{app}}. Caduca en {{minutes}} min. No el compartiu.',
    login: "{{code}} és el vostre codi d'accés a {{app}}. Caduca en {{minutes}} min. No el compartiu.",
    two_factor: '{{code}} és el vostre codi de seguretat per a {{app}}. Caduca en {{minutes}} min. No el compartiu.',
    password_reset: '{{code}} és el vostre codi per restablir la contrasenya a {{app}}. Caduca en {{minutes}} min. No el compartiu.',
    phone_change: '{{code}} és el vostre codi per canviar el telèfon a {{app}}. Caduca en {{minutes}} min. No el compartiu.',
    payment: '{{code}} és el vostre codi per confirmar a {{app}}: {{details}}. Caduca en {{minutes}} min. No el compartiu.',
    marketing_opt_in: '{{code}} és el vostre codi per confirmar que voleu rebre els SMS del servei {{app}}. Caduca en {{minutes}} min.',
    other: '{{code}} és el vostre codi per a {{app}}. Caduca en {{minutes}} min. No el compartiu.',
  },
  notice: {
    password_changed: "S'ha canviat la contrasenya del vostre compte a {{app}}. Si no ho heu demanat, contacteu de seguida amb {{app}}.",
    password_reset: "S'ha restablert la contrasenya del vostre compte a {{app}}. Si no ho heu demanat, contacteu de seguida amb {{app}}.",
    phone_changed_old: "S'ha canviat el telèfon del vostre compte a {{app}}. Si no ho heu demanat, contacteu de seguida amb {{app}}.",
    phone_changed_new: 'Aquest telèfon pertany ara al vostre compte a {{app}}.',
    security_alert: "S'ha detectat activitat inusual al vostre compte a {{app}}. Si no la reconeixeu, contacteu de seguida amb {{app}}.",
  },
}
