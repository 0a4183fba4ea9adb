import type { Texts } from './texts.js'

export const ms: Texts = {
  code: {
    registration: '{{code}} ialah kod pendaftaran {{app}} anda. Sah selama {{minutes}} minit. Jangan kongsikan dengan sesiapa.',
    login: '{{code}} ialah kod log masuk {{app}} anda. Sah selama {{minutes}} minit. Jangan kongsikan dengan sesiapa.',
    two_factor: '{{code}} ialah kod keselamatan {{app}} anda. Sah selama {{minutes}} minit. Jangan kongsikan dengan sesiapa.',
    password_reset:
      '{{code}} ialah kod untuk menetapkan semula kata laluan {{app}} anda. Sah selama {{minutes}} minit. Jangan kongsikan dengan sesiapa.',
    phone_change:
      '{{code}} ialah kod untuk menukar nombor telefon {{app}} anda. Sah selama {{minutes}} minit. Jangan kongsikan dengan sesiapa.',
    payment: '{{code}} ialah kod pengesahan anda di {{app}}: {{details}}. Sah selama {{minutes}} minit. Jangan kongsikan dengan sesiapa.',
    marketing_opt_in: '{{code}} ialah kod pengesahan untuk menerima SMS daripada {{app}}. Sah selama {{minutes}} minit.',
    other: '{{code}} ialah kod {{app}} anda. Sah selama {{minutes}} minit. Jangan kongsikan dengan sesiapa.',
  },
  notice: {
    password_changed: 'Kata laluan {{app}} anda telah ditukar. Jika ini bukan tindakan anda, hubungi {{app}} dengan segera.',
    password_reset: 'Kata laluan {{app}} anda telah ditetapkan semula. Jika ini bukan tindakan anda, hubungi {{app}} dengan segera.',
    phone_changed_old: 'Nombor telefon akaun {{app}} anda telah ditukar. Jika ini bukan tindakan anda, hubungi {{app}} dengan segera.',
    phone_changed_new: 'Nombor telefon ini kini dipautkan dengan akaun {{app}} anda.',
    security_alert: 'Aktiviti luar biasa dikesan dalam akaun {{app}} anda. Jika ini bukan tindakan anda, hubungi {{app}} dengan segera.',
  },
}
