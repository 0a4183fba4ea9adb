import type { Texts } from './texts.js'

export const bn: Texts = {
  code: {
    registration: '{{code}} আপনার {{app}} নিবন্ধন কোড। এটি কাউকে জানাবেন না।',
    login: '{{code}} আপনার {{app}} লগইন কোড। এটি কাউকে জানাবেন না।',
    two_factor: '{{code}} আপনার {{app}} নিরাপত্তা কোড। এটি কাউকে জানাবেন না।',
    password_reset: '{{code}} আপনার {{app}} পাসওয়ার্ড রিসেট কোড। কাউকে জানাবেন না।',
    phone_change: '{{code}} আপনার {{app}} ফোন নম্বর বদলের কোড। কাউকে জানাবেন না।',
    payment: '{{code}} আপনার {{app}} নিশ্চিতকরণ কোড: {{details}}।',
    marketing_opt_in: '{{code}} {{app}} থেকে SMS পাওয়ার সম্মতি কোড। মেয়াদ {{minutes}} মিনিট।',
    other: '{{code}} আপনার {{app}} কোড। মেয়াদ {{minutes}} মিনিট। কাউকে জানাবেন না।',
  },
  notice: {
    password_changed: 'আপনার {{app}} পাসওয়ার্ড বদলানো হয়েছে। আপনি না বদলালে জানান।',
    password_reset: 'আপনার {{app}} পাসওয়ার্ড রিসেট হয়েছে। আপনি না করলে জানান।',
    phone_changed_old: 'আপনার {{app}} ফোন নম্বর বদলানো হয়েছে। আপনি না বদলালে জানান।',
    phone_changed_new: 'এই ফোন নম্বরটি এখন আপনার {{app}} অ্যাকাউন্টে যুক্ত।',
    security_alert: 'আপনার {{app}} অ্যাকাউন্টে অস্বাভাবিক কার্যকলাপ। আপনি না হলে জানান।',
  },
}
