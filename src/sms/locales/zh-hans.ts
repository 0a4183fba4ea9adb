import type { Texts } from './texts.js'

export const zhHans: Texts = {
  code: {
    registration: '{{code}} 是您的 {{app}} 注册验证码，{{minutes}} 分钟内有效，请勿告知他人。',
    login: '{{code}} 是您的 {{app}} 登录验证码，{{minutes}} 分钟内有效，请勿告知他人。',
    two_factor: '{{code}} 是您的 {{app}} 安全验证码，{{minutes}} 分钟内有效，请勿告知他人。',
    password_reset: '{{code}} 是您重置 {{app}} 密码的验证码，{{minutes}} 分钟内有效，请勿告知他人。',
    phone_change: '{{code}} 是您更换 {{app}} 手机号的验证码，{{minutes}} 分钟内有效，请勿告知他人。',
    payment: '{{code}} 是您在 {{app}} 的确认验证码：{{details}}。请勿告知他人。',
    marketing_opt_in: '{{code}} 是您同意接收 {{app}} 短信的验证码，{{minutes}} 分钟内有效。',
    other: '{{code}} 是您的 {{app}} 验证码，{{minutes}} 分钟内有效，请勿告知他人。',
  },
  notice: {
    password_changed: '您的 {{app}} 密码已修改。如非本人操作，请立即与我们联系。',
    password_reset: '您的 {{app}} 密码已重置。如非本人操作，请立即与我们联系。',
    phone_changed_old: '您的 {{app}} 账户手机号已更换。如非本人操作，请立即与我们联系。',
    phone_changed_new: '此手机号已与您的 {{app}} 账户绑定。',
    security_alert: '您的 {{app}} 账户出现异常活动。如非本人操作，请立即与我们联系。',
  },
}
