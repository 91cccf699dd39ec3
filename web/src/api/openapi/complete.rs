//! What follows for every operation from what it asks and takes, so that no handler has to say it.

use utoipa::openapi::path::{Operation, Parameter, ParameterBuilder, ParameterIn};
use utoipa::openapi::schema::{ObjectBuilder, SchemaFormat, Type};
use utoipa::openapi::security::{ApiKey, ApiKeyValue, SecurityScheme};
use utoipa::openapi::{KnownFormat, OpenApi, PathItem, Ref, RefOr, Required};

use super::asks::Asks;
use super::errors;

pub(super) fn run(document: &mut OpenApi) {
    env!("CARGO_PKG_VERSION").clone_into(&mut document.info.version);
    for (path, item) in &mut document.paths.paths {
        for (method, operation) in operations_mut(item) {
            complete(path, method, operation);
        }
    }
    let components = document.components.get_or_insert_default();
    for (status, name, description) in errors::ALL {
        let response = errors::response(status, description);
        components.responses.insert(name.to_owned(), RefOr::T(response));
    }
    let scheme = |key: ApiKey| SecurityScheme::ApiKey(key);
    let schemes = [
        (
            "session",
            scheme(ApiKey::Cookie(ApiKeyValue::with_description(
                "pi-crm",
                "The cookie set by signing in; behind https it is called `__Host-pi-crm`.",
            ))),
        ),
        (
            "csrf_token",
            scheme(ApiKey::Header(ApiKeyValue::with_description(
                "X-CSRF-Token",
                "The `csrf_token` answered by signing in; a session shows it with everything that changes something.",
            ))),
        ),
        (
            "api_key",
            scheme(ApiKey::Header(ApiKeyValue::with_description(
                "X-Api-Key",
                "An API key. It reaches as far as its scopes and never further than its person's role.",
            ))),
        ),
    ];
    for (name, scheme) in schemes {
        components.security_schemes.insert(name.to_owned(), scheme.into());
    }
}

/// The operations of a path with their methods in lower case.
fn operations_mut(item: &mut PathItem) -> impl Iterator<Item = (&'static str, &mut Operation)> {
    [
        ("get", item.get.as_mut()),
        ("post", item.post.as_mut()),
        ("put", item.put.as_mut()),
        ("patch", item.patch.as_mut()),
        ("delete", item.delete.as_mut()),
    ]
    .into_iter()
    .filter_map(|(method, operation)| Some((method, operation?)))
}

fn complete(path: &str, method: &str, operation: &mut Operation) {
    // An operation that says nothing is as closed as can be; a test finds it.
    let asks = Asks::of(operation.extensions.as_ref()).unwrap_or(Asks::Administrator);
    let writes = method != "get";
    operation.security = Some(asks.security(writes));
    // A summary is no sentence.
    operation.summary = operation.summary.take().map(|text| text.trim_end_matches('.').to_owned());
    let parameters = operation.parameters.get_or_insert_default();
    if asks.is_in_workspace() && !path.starts_with("/api/workspaces") {
        parameters.push(header(
            "X-Workspace-Id",
            "The workspace of the call",
            Some(KnownFormat::Uuid),
        ));
    }
    if method == "post" && asks != Asks::Nothing {
        let about = "A word of the caller's own, up to 255 characters: the same request sent again under it is answered \
            again and done once";
        parameters.push(header("Idempotency-Key", about, None));
    }
    let has = |place: ParameterIn| {
        parameters.iter().any(|one| matches!(one, RefOr::T(one) if one.parameter_in == place))
    };
    let (in_path, in_query) = (path.contains('{'), has(ParameterIn::Query));
    let versioned = parameters.iter().any(|one| is_named(one, "If-Match"));
    let body = operation.request_body.is_some();
    let door = asks == Asks::Nothing && writes;
    let answered = |status: &str| match status {
        "400" | "429" | "500" | "503" => true,
        "401" | "403" => asks != Asks::Nothing || door,
        "404" => in_path || asks.is_in_workspace() || door,
        "409" | "507" => writes,
        "410" => door || path.ends_with("/invitation"),
        "412" => versioned,
        "408" | "413" | "415" => body,
        "422" => body || in_query || writes,
        _ => false,
    };
    for (status, name, _) in errors::ALL {
        if answered(status) {
            let answers = &mut operation.responses.responses;
            answers
                .entry(status.to_owned())
                .or_insert_with(|| RefOr::Ref(Ref::from_response_name(name)));
        }
    }
    for (status, answer) in &mut operation.responses.responses {
        if let RefOr::T(answer) = answer
            && answer.description.is_empty()
        {
            let words = match status.as_str() {
                "201" => "It was made.",
                "202" => "It will be done.",
                _ => "It worked.",
            };
            words.clone_into(&mut answer.description);
        }
    }
}

fn is_named(parameter: &RefOr<Parameter>, name: &str) -> bool {
    matches!(parameter, RefOr::T(parameter) if parameter.name == name)
}

fn header(name: &str, about: &str, format: Option<KnownFormat>) -> RefOr<Parameter> {
    let schema = ObjectBuilder::new()
        .schema_type(Type::String)
        .format(format.map(SchemaFormat::KnownFormat));
    let parameter = ParameterBuilder::new()
        .name(name)
        .parameter_in(ParameterIn::Header)
        .required(Required::False)
        .description(Some(about))
        .schema(Some(schema))
        .build();
    RefOr::T(parameter)
}
