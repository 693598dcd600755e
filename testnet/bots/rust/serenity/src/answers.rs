//! Its commands, buttons and forms.

use anyhow::{Context as _, Result};
use serenity::all::{
    ActionRowComponent, ButtonStyle, Command, CommandInteraction, CommandOptionType, CommandType,
    ComponentInteraction, ComponentInteractionDataKind, Context, CreateActionRow, CreateAttachment,
    CreateAutocompleteResponse, CreateButton, CreateCommand, CreateCommandOption, CreateInputText,
    CreateInteractionResponse, CreateInteractionResponseFollowup, CreateInteractionResponseMessage,
    CreateModal, CreateSelectMenu, CreateSelectMenuKind, CreateSelectMenuOption, EditInteractionResponse,
    InputTextStyle, Interaction,
};

pub(crate) async fn offer_commands(ctx: &Context) -> Result<()> {
    let text = CreateCommandOption::new(CommandOptionType::String, "text", "what");
    let text = text.required(true).set_autocomplete(true);
    let commands = vec![
        CreateCommand::new("echo").description("says it again").add_option(text),
        CreateCommand::new("slow").description("takes its time"),
        CreateCommand::new("secret").description("for you alone"),
        CreateCommand::new("form").description("asks back"),
        CreateCommand::new("Quote").kind(CommandType::Message),
    ];
    Command::set_global_commands(ctx, commands).await?;
    Ok(())
}

pub(crate) async fn answer(ctx: &Context, interaction: Interaction) -> Result<()> {
    match interaction {
        Interaction::Autocomplete(typing) => {
            let again = format!("{} again", typing.data.autocomplete().context("nothing is typed")?.value);
            let choices = CreateAutocompleteResponse::new().add_string_choice(&again, &again);
            typing.create_response(ctx, CreateInteractionResponse::Autocomplete(choices)).await?;
        }
        Interaction::Command(command) => asked(ctx, &command).await?,
        Interaction::Component(component) => used(ctx, &component).await?,
        Interaction::Modal(form) => {
            let Some(ActionRowComponent::InputText(field)) =
                form.data.components.first().and_then(|row| row.components.first())
            else {
                anyhow::bail!("no field");
            };
            let wrote = format!("you wrote {}", field.value.as_deref().unwrap_or_default());
            form.create_response(ctx, reply(says(wrote))).await?;
        }
        _ => {}
    }
    Ok(())
}

async fn asked(ctx: &Context, command: &CommandInteraction) -> Result<()> {
    match command.data.name.as_str() {
        "echo" => {
            let text = command.data.options.first().and_then(|option| option.value.as_str());
            let drinks = ["Tea", "Coffee"].map(|each| CreateSelectMenuOption::new(each, each.to_lowercase()));
            let menu = CreateSelectMenuKind::String { options: drinks.to_vec() };
            let press = CreateButton::new("press").label("Press").style(ButtonStyle::Primary);
            let components = vec![
                CreateActionRow::Buttons(vec![press]),
                CreateActionRow::SelectMenu(CreateSelectMenu::new("pick", menu)),
            ];
            let answer = says(text.context("no text")?).components(components);
            command.create_response(ctx, reply(answer)).await?;
        }
        "slow" => {
            command.defer(ctx).await?;
            command.edit_response(ctx, EditInteractionResponse::new().content("done")).await?;
            let more = CreateInteractionResponseFollowup::new().content("and a file");
            let more = more.add_file(CreateAttachment::bytes(*b"hello", "hello.txt"));
            command.create_followup(ctx, more).await?;
        }
        "secret" => command.create_response(ctx, reply(says("psst").ephemeral(true))).await?,
        "form" => {
            let field = CreateInputText::new(InputTextStyle::Short, "What?", "field");
            let form = CreateModal::new("form", "A form").components(vec![CreateActionRow::InputText(field)]);
            command.create_response(ctx, CreateInteractionResponse::Modal(form)).await?;
        }
        _ => {
            let quoted = command.data.resolved.messages.values().next().context("no message")?;
            command.create_response(ctx, reply(says(format!("> {}", quoted.content)))).await?;
        }
    }
    Ok(())
}

async fn used(ctx: &Context, component: &ComponentInteraction) -> Result<()> {
    let response = match &component.data.kind {
        ComponentInteractionDataKind::StringSelect { values } => {
            reply(says(format!("you chose {}", values.first().context("nothing chosen")?)))
        }
        _ => CreateInteractionResponse::UpdateMessage(says("pressed").components(Vec::new())),
    };
    Ok(component.create_response(ctx, response).await?)
}

fn says(content: impl Into<String>) -> CreateInteractionResponseMessage {
    CreateInteractionResponseMessage::new().content(content)
}

fn reply(message: CreateInteractionResponseMessage) -> CreateInteractionResponse {
    CreateInteractionResponse::Message(message)
}
