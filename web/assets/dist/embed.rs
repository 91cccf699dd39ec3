// Made by web/ui/build.mjs.
[
    Asset { name: "app.css", file: "app.66d14017.css", content_type: "text/css; charset=utf-8", data: include_bytes!("app.66d14017.css"), gzip: Some(include_bytes!("app.66d14017.css.gz")) },
    Asset { name: "app.js", file: "app.09c07355.js", content_type: "text/javascript; charset=utf-8", data: include_bytes!("app.09c07355.js"), gzip: Some(include_bytes!("app.09c07355.js.gz")) },
    Asset { name: "htmx.js", file: "htmx.a0abb04f.js", content_type: "text/javascript; charset=utf-8", data: include_bytes!("htmx.a0abb04f.js"), gzip: Some(include_bytes!("htmx.a0abb04f.js.gz")) },
    Asset { name: "icons.svg", file: "icons.d41762f8.svg", content_type: "image/svg+xml", data: include_bytes!("icons.d41762f8.svg"), gzip: Some(include_bytes!("icons.d41762f8.svg.gz")) },
    Asset { name: "inter-cyrillic.woff2", file: "inter-cyrillic.71d5ee93.woff2", content_type: "font/woff2", data: include_bytes!("inter-cyrillic.71d5ee93.woff2"), gzip: None },
    Asset { name: "inter-greek.woff2", file: "inter-greek.1be3448e.woff2", content_type: "font/woff2", data: include_bytes!("inter-greek.1be3448e.woff2"), gzip: None },
    Asset { name: "inter-latin-ext.woff2", file: "inter-latin-ext.34b9c504.woff2", content_type: "font/woff2", data: include_bytes!("inter-latin-ext.34b9c504.woff2"), gzip: None },
    Asset { name: "inter-latin.woff2", file: "inter-latin.3100e775.woff2", content_type: "font/woff2", data: include_bytes!("inter-latin.3100e775.woff2"), gzip: None },
    Asset { name: "inter-vietnamese.woff2", file: "inter-vietnamese.5c66f9e0.woff2", content_type: "font/woff2", data: include_bytes!("inter-vietnamese.5c66f9e0.woff2"), gzip: None },
    Asset { name: "logo.svg", file: "logo.197e97e5.svg", content_type: "image/svg+xml", data: include_bytes!("logo.197e97e5.svg"), gzip: Some(include_bytes!("logo.197e97e5.svg.gz")) },
    Asset { name: "sse.js", file: "sse.18ef2761.js", content_type: "text/javascript; charset=utf-8", data: include_bytes!("sse.18ef2761.js"), gzip: Some(include_bytes!("sse.18ef2761.js.gz")) },
]
