import type { Texts } from './texts.js'

export const es: Texts = {
  code: {
    registration: '{{code}} es su código de registro en {{app}}. No lo comparta.',
    login: '{{code}} es su código de acceso a {{app}}. No lo comparta.',
    two_factor: '{{code}} es su código de seguridad de {{app}}. No lo comparta.',
    password_reset: '{{code}}: código para su nueva contraseña de {{app}}. No lo comparta.',
    phone_change: '{{code}}: código para cambiar su teléfono en {{app}}. No lo comparta.',
    payment: '{{code}}: código para confirmar en {{app}}: {{details}}.',
    marketing_opt_in: '{{code}}: código para confirmar que desea recibir SMS de {{app}}.',
    other: '{{code}} es su código de {{app}}. Caduca en {{minutes}} min. No lo comparta.',
  },
  notice: {
    password_changed: 'Se ha cambiado la contraseña de su cuenta de {{app}}. Si no ha sido usted, contacte con {{app}} de inmediato.',
    password_reset: 'Se ha restablecido la contraseña de su cuenta de {{app}}. Si no ha sido usted, contacte con {{app}} de inmediato.',
    phone_changed_old: 'Se ha cambiado el teléfono de su cuenta de {{app}}. Si no ha sido usted, contacte con {{app}} de inmediato.',
    phone_changed_new: 'Este teléfono pertenece ahora a su cuenta de {{app}}.',
    security_alert: 'Se ha detectado actividad inusual en su cuenta de {{app}}. Si no ha sido usted, contacte con {{app}} de inmediato.',
  },
}
