import type { Texts } from './texts.js'

export const ja: Texts = {
  code: {
    registration: '{{code}} は{{app}}の登録用確認コードです。有効期間は{{minutes}}分です。他の人に教えないでください。',
    login: '{{code}} は{{app}}のログイン用確認コードです。有効期間は{{minutes}}分です。他の人に教えないでください。',
    two_factor: '{{code}} は{{app}}のセキュリティコードです。有効期間は{{minutes}}分です。他の人に教えないでください。',
    password_reset: '{{code}} は{{app}}のパスワード再設定用確認コードです。有効期間は{{minutes}}分です。他の人に教えないでください。',
    phone_change: '{{code}} は{{app}}の電話番号変更用確認コードです。有効期間は{{minutes}}分です。他の人に教えないでください。',
    payment: '{{code}} は{{app}}の承認用確認コードです：{{details}}。他の人に教えないでください。',
    marketing_opt_in: '{{code}} は{{app}}からのSMS受信に同意するための確認コードです。有効期間は{{minutes}}分です。',
    other: '{{code}} は{{app}}の確認コードです。有効期間は{{minutes}}分です。他の人に教えないでください。',
  },
  notice: {
    password_changed: '{{app}}のパスワードが変更されました。お心当たりがない場合は、至急ご連絡ください。',
    password_reset: '{{app}}のパスワードが再設定されました。お心当たりがない場合は、至急ご連絡ください。',
    phone_changed_old: '{{app}}のアカウントの電話番号が変更されました。お心当たりがない場合は、至急ご連絡ください。',
    phone_changed_new: 'この電話番号は{{app}}のアカウントに登録されました。',
    security_alert: '{{app}}のアカウントで通常と異なる操作がありました。お心当たりがない場合は、至急ご連絡ください。',
  },
}
