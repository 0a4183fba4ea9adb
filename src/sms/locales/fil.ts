import type { Texts } from './texts.js'

export const fil: Texts = {
  code: {
    registration: '{{code}} ang inyong registration code sa {{app}}. May bisa nang {{minutes}} min. Huwag itong ibahagi kaninuman.',
    login: '{{code}} ang inyong login code sa {{app}}. May bisa nang {{minutes}} min. Huwag itong ibahagi kaninuman.',
    two_factor: '{{code}} ang inyong security code sa {{app}}. May bisa nang {{minutes}} min. Huwag itong ibahagi kaninuman.',
    password_reset:
      '{{code}} ang code para i-reset ang inyong password sa {{app}}. May bisa nang {{minutes}} min. Huwag itong ibahagi kaninuman.',
    phone_change:
      '{{code}} ang code para palitan ang inyong numero ng telepono sa {{app}}. May bisa nang {{minutes}} min. Huwag itong ibahagi.',
    payment:
      '{{code}} ang inyong code ng kumpirmasyon sa {{app}}: {{details}}. May bisa nang {{minutes}} min. Huwag itong ibahagi kaninuman.',
    marketing_opt_in: '{{code}} ang code para kumpirmahing nais ninyong tumanggap ng SMS mula sa {{app}}. May bisa nang {{minutes}} min.',
    other: '{{code}} ang inyong code sa {{app}}. May bisa nang {{minutes}} min. Huwag itong ibahagi kaninuman.',
  },
  notice: {
    password_changed: 'Pinalitan ang inyong password sa {{app}}. Kung hindi kayo ang gumawa nito, makipag-ugnayan agad sa {{app}}.',
    password_reset: 'Ni-reset ang inyong password sa {{app}}. Kung hindi kayo ang gumawa nito, makipag-ugnayan agad sa {{app}}.',
    phone_changed_old:
      'Pinalitan ang numero ng telepono ng inyong account sa {{app}}. Kung hindi kayo ang gumawa nito, makipag-ugnayan agad sa {{app}}.',
    phone_changed_new: 'Nakaugnay na ang numerong ito sa inyong account sa {{app}}.',
    security_alert:
      'May kakaibang aktibidad sa inyong account sa {{app}}. Kung hindi kayo ang gumawa nito, makipag-ugnayan agad sa {{app}}.',
  },
}
