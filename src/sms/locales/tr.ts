import type { Texts } from './texts.js'

export const tr: Texts = {
  code: {
    registration: '{{code}}, {{app}} kayıt kodunuzdur. Kimseyle paylaşmayın.',
    login: '{{code}}, {{app}} giriş kodunuzdur. Kimseyle paylaşmayın.',
    two_factor: '{{code}}, {{app}} güvenlik kodunuzdur. Kimseyle paylaşmayın.',
    password_reset: '{{code}}, {{app}} şifre sıfırlama kodunuzdur. Kimseyle paylaşmayın.',
    phone_change: '{{code}}, {{app}} telefon değişikliği kodunuz. Kimseyle paylaşmayın.',
    payment: '{{code}}, {{app}} onay kodunuz: {{details}}. Paylaşmayın.',
    marketing_opt_in: '{{code}}, {{app}} SMS izni onay kodunuzdur. {{minutes}} dk geçerlidir.',
    other: '{{code}}, {{app}} kodunuzdur. {{minutes}} dk geçerlidir. Kimseyle paylaşmayın.',
  },
  notice: {
    password_changed: '{{app}} şifreniz değiştirildi. Siz yapmadıysanız bize ulaşın.',
    password_reset: '{{app}} şifreniz sıfırlandı. Siz yapmadıysanız bize ulaşın.',
    phone_changed_old: '{{app}} telefon numaranız değişti. Siz yapmadıysanız bize ulaşın.',
    phone_changed_new: 'Bu telefon numarası artık {{app}} hesabınıza bağlıdır.',
    security_alert: '{{app}} hesabınızda sıra dışı işlem. Siz yapmadıysanız bize ulaşın.',
  },
}
