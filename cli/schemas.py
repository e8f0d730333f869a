"""schemas check|register: the contracts against the registry."""

import json

import click


@click.group()
def schemas() -> None:
    """Check and register the Avro contracts of the events.

    \b
    Examples:
      codemychart schemas check       before a release: is the change compatible?
      codemychart schemas register    at deployment: topics' schemas into the registry
    """


@schemas.command()
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object per subject.")
@click.pass_context
def check(context: click.Context, *, as_json: bool) -> None:
    """Say for each subject whether this version reads, and is read by, every registered one.

    FULL_TRANSITIVE compatibility; exit 1 when a change breaks it, naming the field.

    \b
    Examples:
      codemychart schemas check
      codemychart schemas check --json | jq 'select(.problems != [])'
    """
    from runtime.registry import Registry
    from runtime.roles import Role
    from runtime.settings import KafkaSettings, RegistrySettings, read
    from schemas.compatibility import problems_with
    from schemas.topics import topics

    registry = Registry(read(RegistrySettings))
    refused = False
    for subject, text in topics(read(KafkaSettings, Role.ADMIN).topic_prefix).subjects().items():
        versions = registry.versions(subject)
        problems = problems_with(text, versions)
        refused = refused or bool(problems)
        if as_json:
            row = {"subject": subject, "versions": len(versions), "problems": problems}
            click.echo(json.dumps(row))
            continue
        known = f"{len(versions)} registered" if versions else "new"
        click.echo(f"{subject}: {'refused' if problems else 'compatible'} ({known})")
        for problem in problems:
            click.echo(f"  {problem}")
    context.exit(int(refused))


@schemas.command()
def register() -> None:
    """Register every schema under FULL_TRANSITIVE compatibility; repeating it changes nothing.

    \b
    Example:
      codemychart schemas register
    """
    from runtime.registry import Registry
    from runtime.roles import Role
    from runtime.settings import KafkaSettings, RegistrySettings, read
    from schemas.topics import topics

    registry = Registry(read(RegistrySettings))
    for subject, text in topics(read(KafkaSettings, Role.ADMIN).topic_prefix).subjects().items():
        click.echo(f"{subject}: id {registry.register(subject, text)}")
