//! What a bare `mail-send` loop sends in a second: the floor `cargo xtask bench send` holds the engine against.
//!
//!     bare_send PORT CONNECTIONS MESSAGES
//!
//! Each connection is kept and sends its share, one message after the other, each to another address. Prints seconds.

#![expect(clippy::print_stdout, reason = "it answers on its stream")]

use std::time::Instant;

use mail_send::SmtpClientBuilder;
use mail_send::mail_builder::MessageBuilder;

type Failed = Box<dyn std::error::Error + Send + Sync>;

#[tokio::main(flavor = "multi_thread", worker_threads = 2)]
async fn main() -> Result<(), Failed> {
    let mut numbers = std::env::args().skip(1);
    let mut number = || -> Result<u32, Failed> {
        Ok(numbers.next().ok_or("bare_send PORT CONNECTIONS MESSAGES")?.parse()?)
    };
    let (port, connections, messages) = (u16::try_from(number()?)?, number()?.max(1), number()?);
    let begin = Instant::now();
    let mut tasks = tokio::task::JoinSet::new();
    for connection in 0..connections {
        tasks.spawn(share(port, connection, connections, messages));
    }
    while let Some(done) = tasks.join_next().await {
        done??;
    }
    println!("{}", begin.elapsed().as_secs_f64());
    Ok(())
}

async fn share(port: u16, connection: u32, connections: u32, messages: u32) -> Result<(), Failed> {
    let builder = SmtpClientBuilder::new("127.0.0.1", port)?;
    let mut client = builder.connect_plain().await?;
    client.stream.set_nodelay(true)?;
    for message in (connection..messages).step_by(usize::try_from(connections)?) {
        let name = format!("Rita {message}");
        let to = format!("rita{message}@example.net");
        let message = MessageBuilder::new()
            .from(("Acme", "hello@acme.example"))
            .to((name.as_str(), to.as_str()))
            .subject(format!("News for {name}"))
            .message_id(format!("{message}@acme.example"))
            .html_body(format!("<p>Dear {name}, all is well.</p>"))
            .text_body(format!("Dear {name}, all is well.\n"));
        client.send(message).await?;
    }
    client.quit().await?;
    Ok(())
}
