import type { Texts } from './texts.js'

export const ptPt: Texts = {
  code: {
    registration: '{{code}} é o seu código de registo em {{app}}. Não o partilhe.',
    login: '{{code}} é o seu código de acesso a {{app}}. Não o partilhe.',
    two_factor: '{{code}} é o seu código de segurança de {{app}}. Não o partilhe.',
    password_reset: '{{code}}: código para repor a palavra-passe em {{app}}. Não partilhe.',
    phone_change: '{{code}}: código para alterar o telefone em {{app}}. Não o partilhe.',
    payment: '{{code}}: código para confirmar em {{app}}: {{details}}.',
    marketing_opt_in: '{{code}}: código para confirmar que pretende receber SMS de {{app}}.',
    other: '{{code}} é o seu código de {{app}}. Válido {{minutes}} min. Não o partilhe.',
  },
  notice: {
    password_changed: 'A sua palavra-passe {{app}} foi alterada. Não o fez? Contacte-nos.',
    password_reset: 'A sua palavra-passe {{app}} foi reposta. Não o fez? Contacte-nos.',
    phone_changed_old: 'O telefone da conta {{app}} foi alterado. Não o fez? Contacte-nos.',
    phone_changed_new: 'Este número pertence agora à sua conta em {{app}}.',
    security_alert: 'Atividade invulgar na conta {{app}}. Não a reconhece? Contacte-nos.',
  },
}
