import type { Texts } from './texts.js'

export const vi: Texts = {
  code: {
    registration: '{{code}} là mã đăng ký {{app}} của quý khách. Không chia sẻ mã này.',
    login: '{{code}} là mã đăng nhập {{app}} của quý khách. Không chia sẻ mã này.',
    two_factor: '{{code}} là mã bảo mật {{app}} của quý khách. Không chia sẻ mã này.',
    password_reset: '{{code}} là mã đặt lại mật khẩu {{app}}. Không chia sẻ mã này.',
    phone_change: '{{code}} là mã đổi số điện thoại tại {{app}}. Không chia sẻ mã này.',
    payment: '{{code}} là mã xác nhận tại {{app}}: {{details}}.',
    marketing_opt_in: '{{code}} là mã xác nhận đồng ý nhận SMS từ {{app}}.',
    other: '{{code}} là mã xác minh {{app}}, hiệu lực {{minutes}} phút. Không chia sẻ mã.',
  },
  notice: {
    password_changed: 'Mật khẩu {{app}} đã được đổi. Không phải quý khách? Xin báo ngay.',
    password_reset: 'Mật khẩu {{app}} đã đặt lại. Không phải quý khách? Xin báo ngay.',
    phone_changed_old: 'Tài khoản {{app}} đã đổi SĐT. Không phải quý khách? Xin báo ngay.',
    phone_changed_new: 'Số điện thoại này nay thuộc tài khoản {{app}} của quý khách.',
    security_alert: 'Có hoạt động lạ tại {{app}}. Không phải quý khách? Xin báo ngay.',
  },
}
