import type { Texts } from './texts.js'

export const id: Texts = {
  code: {
    registration: '{{code}} adalah kode pendaftaran {{app}} Anda. Berlaku {{minutes}} menit. Jangan berikan kepada siapa pun.',
    login: '{{code}} adalah kode masuk {{app}} Anda. Berlaku {{minutes}} menit. Jangan berikan kepada siapa pun.',
    two_factor: '{{code}} adalah kode keamanan {{app}} Anda. Berlaku {{minutes}} menit. Jangan berikan kepada siapa pun.',
    password_reset:
      '{{code}} adalah kode untuk mengatur ulang kata sandi {{app}} Anda. Berlaku {{minutes}} menit. Jangan berikan kepada siapa pun.',
    phone_change:
      '{{code}} adalah kode untuk mengubah nomor telepon {{app}} Anda. Berlaku {{minutes}} menit. Jangan berikan kepada siapa pun.',
    payment: '{{code}} adalah kode konfirmasi Anda di {{app}}: {{details}}. Berlaku {{minutes}} menit. Jangan berikan kepada siapa pun.',
    marketing_opt_in: '{{code}} adalah kode konfirmasi untuk menerima SMS dari {{app}}. Berlaku {{minutes}} menit.',
    other: '{{code}} adalah kode {{app}} Anda. Berlaku {{minutes}} menit. Jangan berikan kepada siapa pun.',
  },
  notice: {
    password_changed: 'Kata sandi {{app}} Anda telah diubah. Jika ini bukan Anda, segera hubungi {{app}}.',
    password_reset: 'Kata sandi {{app}} Anda telah diatur ulang. Jika ini bukan Anda, segera hubungi {{app}}.',
    phone_changed_old: 'Nomor telepon akun {{app}} Anda telah diubah. Jika ini bukan Anda, segera hubungi {{app}}.',
    phone_changed_new: 'Nomor telepon ini sekarang terhubung dengan akun {{app}} Anda.',
    security_alert: 'Ada aktivitas tidak biasa di akun {{app}} Anda. Jika ini bukan Anda, segera hubungi {{app}}.',
  },
}
