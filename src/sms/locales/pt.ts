import type { Texts } from './texts.js'

export const pt: Texts = {
  code: {
    registration: '{{code}} é seu código de cadastro em {{app}}. Não compartilhe.',
    login: '{{code}} é seu código de acesso {{app}}. Não compartilhe.',
    two_factor: '{{code}} é seu código de segurança {{app}}. Não compartilhe.',
    password_reset: '{{code}}: código para redefinir a senha em {{app}}. Não compartilhe.',
    phone_change: '{{code}}: código para trocar o telefone em {{app}}. Não compartilhe.',
    payment: '{{code}}: código para confirmar em {{app}}: {{details}}.',
    marketing_opt_in: '{{code}}: código para confirmar que deseja receber SMS de {{app}}.',
    other: '{{code}} é seu código {{app}}. Vale por {{minutes}} min. Não compartilhe.',
  },
  notice: {
    password_changed: 'Sua senha em {{app}} foi alterada. Se não foi você, fale conosco.',
    password_reset: 'Sua senha em {{app}} foi redefinida. Se não foi você, fale conosco.',
    phone_changed_old: 'O telefone da conta {{app}} mudou. Se não foi você, fale conosco.',
    phone_changed_new: 'Este telefone agora está associado à sua conta em {{app}}.',
    security_alert: 'Atividade incomum na conta {{app}}. Se não foi você, fale conosco.',
  },
}
