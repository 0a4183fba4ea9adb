import type { Texts } from './texts.js'

export const he: Texts = {
  code: {
    registration: '{{code}} הוא קוד ההרשמה שלך ל-{{app}}. אין לשתף אותו.',
    login: '{{code}} הוא קוד הכניסה שלך ל-{{app}}. אין לשתף אותו.',
    two_factor: '{{code}} הוא קוד האבטחה שלך ב-{{app}}. אין לשתף אותו.',
    password_reset: '{{code}} הוא הקוד לאיפוס הסיסמה שלך ב-{{app}}. אין לשתף אותו.',
    phone_change: '{{code}} הוא הקוד לשינוי מספר הטלפון ב-{{app}}. אין לשתף אותו.',
    payment: '{{code}} הוא קוד האישור ב-{{app}}: {{details}}. אין לשתף.',
    marketing_opt_in: "{{code}} הוא הקוד לאישור קבלת הודעות מ-{{app}}. בתוקף {{minutes}} דק'.",
    other: "{{code}} הוא הקוד שלך ב-{{app}}. בתוקף {{minutes}} דק'. אין לשתף אותו.",
  },
  notice: {
    password_changed: 'הסיסמה שלך ב-{{app}} שונתה. אם לא ביצעת זאת, יש לפנות אלינו.',
    password_reset: 'הסיסמה שלך ב-{{app}} אופסה. אם לא ביצעת זאת, יש לפנות אלינו.',
    phone_changed_old: 'מספר הטלפון שלך ב-{{app}} שונה. אם לא ביצעת זאת, יש לפנות אלינו.',
    phone_changed_new: 'מספר טלפון זה משויך כעת לחשבונך ב-{{app}}.',
    security_alert: 'פעילות חריגה בחשבונך ב-{{app}}. אם לא ביצעת זאת, יש לפנות אלינו.',
  },
}
