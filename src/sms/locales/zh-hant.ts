import type { Texts } from './texts.js'

export const zhHant: Texts = {
  code: {
    registration: '{{code}} 是您的 {{app}} 註冊驗證碼，{{minutes}} 分鐘內有效，請勿告知他人。',
    login: '{{code}} 是您的 {{app}} 登入驗證碼，{{minutes}} 分鐘內有效，請勿告知他人。',
    two_factor: '{{code}} 是您的 {{app}} 安全驗證碼，{{minutes}} 分鐘內有效，請勿告知他人。',
    password_reset: '{{code}} 是您重設 {{app}} 密碼的驗證碼，{{minutes}} 分鐘內有效，請勿告知他人。',
    phone_change: '{{code}} 是您變更 {{app}} 手機號碼的驗證碼，{{minutes}} 分鐘內有效，請勿告知他人。',
    payment: '{{code}} 是您在 {{app}} 的確認驗證碼：{{details}}。請勿告知他人。',
    marketing_opt_in: '{{code}} 是您同意接收 {{app}} 簡訊的驗證碼，{{minutes}} 分鐘內有效。',
    other: '{{code}} 是您的 {{app}} 驗證碼，{{minutes}} 分鐘內有效，請勿告知他人。',
  },
  notice: {
    password_changed: '您的 {{app}} 密碼已變更。如非本人操作，請立即與我們聯絡。',
    password_reset: '您的 {{app}} 密碼已重設。如非本人操作，請立即與我們聯絡。',
    phone_changed_old: '您的 {{app}} 帳戶手機號碼已變更。如非本人操作，請立即與我們聯絡。',
    phone_changed_new: '此手機號碼已與您的 {{app}} 帳戶連結。',
    security_alert: '您的 {{app}} 帳戶出現異常活動。如非本人操作，請立即與我們聯絡。',
  },
}
