import type { Texts } from './texts.js'

export const ar: Texts = {
  code: {
    registration: '{{code}} رمز التسجيل الخاص بك في {{app}}. لا تشاركه مع أحد.',
    login: '{{code}} رمز تسجيل الدخول إلى {{app}}. لا تشاركه مع أحد.',
    two_factor: '{{code}} رمز الأمان الخاص بك في {{app}}. لا تشاركه مع أحد.',
    password_reset: '{{code}} رمز إعادة تعيين كلمة المرور في {{app}}. لا تشاركه مع أحد.',
    phone_change: '{{code}} رمز تغيير رقم الهاتف في {{app}}. لا تشاركه مع أحد.',
    payment: '{{code}} رمز التأكيد في {{app}}: {{details}}. لا تشاركه.',
    marketing_opt_in: '{{code}} رمز تأكيد الموافقة على تلقي رسائل {{app}}.',
    other: '{{code}} رمزك في {{app}}. لا تشاركه مع أحد.',
  },
  notice: {
    password_changed: 'تم تغيير كلمة مرور حسابك في {{app}}. إن لم تكن أنت، فتواصل معنا.',
    password_reset: 'تمت إعادة تعيين كلمة المرور في {{app}}. إن لم تكن أنت، فتواصل معنا.',
    phone_changed_old: 'تم تغيير رقم هاتف حسابك في {{app}}. إن لم تكن أنت، فتواصل معنا.',
    phone_changed_new: 'أصبح رقم الهاتف هذا مرتبطًا بحسابك في {{app}}.',
    security_alert: 'نشاط غير معتاد في حسابك في {{app}}. إن لم تكن أنت، فتواصل معنا.',
  },
}
