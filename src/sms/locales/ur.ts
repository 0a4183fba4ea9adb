import type { Texts } from './texts.js'

export const ur: Texts = {
  code: {
    registration: '{{code}} آپ کا {{app}} رجسٹریشن کوڈ ہے۔ یہ کسی کو نہ بتائیں۔',
    login: '{{code}} آپ کا {{app}} لاگ ان کوڈ ہے۔ یہ کسی کو نہ بتائیں۔',
    two_factor: '{{code}} آپ کا {{app}} سیکیورٹی کوڈ ہے۔ یہ کسی کو نہ بتائیں۔',
    password_reset: '{{code}} آپ کا {{app}} پاس ورڈ ری سیٹ کوڈ ہے۔ یہ کسی کو نہ بتائیں۔',
    phone_change: '{{code}} فون نمبر بدلنے کا {{app}} کوڈ ہے۔ یہ کسی کو نہ بتائیں۔',
    payment: '{{code}} آپ کا {{app}} تصدیقی کوڈ ہے: {{details}}۔',
    marketing_opt_in: '{{code}} پیغامات وصول کرنے کا {{app}} تصدیقی کوڈ ہے۔',
    other: '{{code}} آپ کا {{app}} کوڈ ہے۔ میعاد: {{minutes}} منٹ۔ یہ کسی کو نہ بتائیں۔',
  },
  notice: {
    password_changed: 'آپ کا {{app}} پاس ورڈ بدل گیا۔ اگر یہ آپ نے نہیں کیا تو بتائیں۔',
    password_reset: 'آپ کا {{app}} پاس ورڈ ری سیٹ ہوا۔ اگر یہ آپ نے نہیں کیا تو بتائیں۔',
    phone_changed_old: 'آپ کے {{app}} اکاؤنٹ کا فون نمبر بدل گیا۔ آپ نے نہیں کیا تو بتائیں۔',
    phone_changed_new: 'یہ فون نمبر اب آپ کے {{app}} اکاؤنٹ سے منسلک ہے۔',
    security_alert: 'آپ کے {{app}} اکاؤنٹ میں غیر معمولی سرگرمی۔ یہ آپ نہیں تو بتائیں۔',
  },
}
