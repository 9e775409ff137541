//! What stands around the words of an e-mail and of a text message.

use super::{
    defaults::{self, Frame},
    template::{Placeholder, escape},
    values::Values,
};

pub(super) fn text(body: &str, values: &Values) -> String {
    let Frame { see_order, regards, .. } = defaults::frame(values.language());
    let mut text = format!("{}\n\n{}\n", values.get(Placeholder::Greeting), body.trim());
    let (url, shop) = (values.get(Placeholder::OrderUrl), values.get(Placeholder::ShopName));
    if !url.is_empty() {
        text.push_str(&format!("\n{see_order}: {url}\n"));
    }
    if !shop.is_empty() {
        text.push_str(&format!("\n{regards}\n{shop}\n"));
    }
    text
}

pub(super) fn sms(words: &str, values: &Values) -> String {
    let (url, shop) = (values.get(Placeholder::OrderUrl), values.get(Placeholder::ShopName));
    let from = if shop.is_empty() { String::new() } else { format!("{shop}: ") };
    let link = if url.is_empty() { String::new() } else { format!(" {url}") };
    format!("{from}{words}{link}")
}

/// A document that mail programs show alike: tables, styles in place, nothing from elsewhere. `paragraphs` is HTML.
pub(super) fn html(subject: &str, paragraphs: &[String], values: &Values) -> String {
    let Frame { see_order, progress, regards } = defaults::frame(values.language());
    let of = |placeholder| escape(&values.get(placeholder));
    let (greeting, url, shop) =
        (of(Placeholder::Greeting), of(Placeholder::OrderUrl), of(Placeholder::ShopName));
    let paragraph =
        |words: &str| format!("<p style=\"margin:0 0 16px;font-size:16px;line-height:24px\">{words}</p>\n");
    let mut inside = paragraph(&greeting);
    inside.extend(paragraphs.iter().map(|words| paragraph(words)));
    let percent = of(Placeholder::Progress);
    if !percent.is_empty() {
        inside.push_str(&bar(progress, &percent));
    }
    if !url.is_empty() {
        inside.push_str(&format!(
            "<p style=\"margin:24px 0\"><a href=\"{url}\" style=\"background:#8a3b12;border-radius:6px;color:#ffffff;\
             display:inline-block;font-size:16px;padding:12px 20px;text-decoration:none\">{see_order}</a></p>\n"
        ));
    }
    if !shop.is_empty() {
        inside.push_str(&paragraph(&format!("{regards}<br>{shop}")));
    }
    let title = escape(subject);
    format!(
        "<!doctype html>\n<html>\n<head><meta charset=\"utf-8\">\
         <meta name=\"viewport\" content=\"width=device-width,initial-scale=1\"><title>{title}</title></head>\n\
         <body style=\"margin:0;background:#f4f1ec;color:#2b2622;font-family:Helvetica,Arial,sans-serif\">\n\
         <table role=\"presentation\" width=\"100%\" cellpadding=\"0\" cellspacing=\"0\"><tr><td align=\"center\" \
         style=\"padding:24px 12px\">\n\
         <table role=\"presentation\" width=\"100%\" cellpadding=\"0\" cellspacing=\"0\" \
         style=\"background:#ffffff;border-radius:8px;max-width:560px\"><tr><td style=\"padding:32px 28px\">\n\
         <h1 style=\"margin:0 0 20px;font-size:22px;line-height:28px\">{title}</h1>\n{inside}\
         </td></tr></table>\n</td></tr></table>\n</body>\n</html>\n"
    )
}

fn bar(label: &str, percent: &str) -> String {
    format!(
        "<p style=\"margin:24px 0 6px;font-size:14px;color:#6b625a\">{label}: {percent} %</p>\n\
         <table role=\"presentation\" width=\"100%\" cellpadding=\"0\" cellspacing=\"0\" \
         style=\"background:#e7e0d7;border-radius:4px\"><tr><td>\
         <table role=\"presentation\" width=\"{percent}%\" cellpadding=\"0\" cellspacing=\"0\"><tr>\
         <td style=\"background:#8a3b12;border-radius:4px;font-size:0;height:8px;line-height:8px\">&nbsp;</td>\
         </tr></table></td></tr></table>\n"
    )
}
