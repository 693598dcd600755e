//! Its commands, buttons and forms.

use crate::Bot;
use anyhow::{Context as _, Result};
use twilight_model::application::command::{
    Command, CommandOption, CommandOptionChoice, CommandOptionChoiceValue, CommandOptionType, CommandType,
};
use twilight_model::application::interaction::application_command::{CommandData, CommandOptionValue};
use twilight_model::application::interaction::modal::ModalInteractionComponent;
use twilight_model::application::interaction::{Interaction, InteractionData, InteractionType};
use twilight_model::channel::message::MessageFlags;
use twilight_model::channel::message::component::{
    ActionRow, Button, ButtonStyle, Component, SelectMenu, SelectMenuOption, SelectMenuType, TextInput,
    TextInputStyle,
};
use twilight_model::http::attachment::Attachment;
use twilight_model::http::interaction::{
    InteractionResponse, InteractionResponseData, InteractionResponseType,
};
use twilight_model::id::Id;

impl Bot {
    pub(crate) async fn offer_commands(&self) -> Result<()> {
        let mut text = option("text", "what");
        text.required = Some(true);
        text.autocomplete = Some(true);
        let commands = [
            Command { options: vec![text], ..command("echo", "says it again", CommandType::ChatInput) },
            command("slow", "takes its time", CommandType::ChatInput),
            command("secret", "for you alone", CommandType::ChatInput),
            command("form", "asks back", CommandType::ChatInput),
            command("Quote", "", CommandType::Message),
        ];
        self.http.interaction(self.application).set_global_commands(&commands).await?;
        Ok(())
    }

    pub(crate) async fn answer(&self, asked: &Interaction) -> Result<()> {
        match asked.data.as_ref().context("nothing was asked")? {
            InteractionData::ApplicationCommand(data)
                if asked.kind == InteractionType::ApplicationCommandAutocomplete =>
            {
                let CommandOptionValue::Focused(typed, _) = &data.options[0].value else {
                    anyhow::bail!("nothing is being typed");
                };
                let choices = Some(vec![choice(&format!("{typed} again"))]);
                let kind = InteractionResponseType::ApplicationCommandAutocompleteResult;
                self.respond(asked, kind, InteractionResponseData { choices, ..Default::default() }).await
            }
            InteractionData::ApplicationCommand(data) => self.asked(asked, data).await,
            InteractionData::MessageComponent(data) if data.custom_id == "press" => {
                let kind = InteractionResponseType::UpdateMessage;
                let data = InteractionResponseData { components: Some(Vec::new()), ..says("pressed") };
                self.respond(asked, kind, data).await
            }
            InteractionData::MessageComponent(data) => {
                self.reply(asked, says(&format!("you chose {}", data.values[0]))).await
            }
            InteractionData::ModalSubmit(data) => {
                let ModalInteractionComponent::ActionRow(row) = &data.components[0] else {
                    anyhow::bail!("no row");
                };
                let ModalInteractionComponent::TextInput(field) = &row.components[0] else {
                    anyhow::bail!("no field");
                };
                self.reply(asked, says(&format!("you wrote {}", field.value))).await
            }
            _ => Ok(()),
        }
    }

    async fn asked(&self, asked: &Interaction, data: &CommandData) -> Result<()> {
        let client = self.http.interaction(self.application);
        match data.name.as_str() {
            "echo" => {
                let CommandOptionValue::String(text) = &data.options[0].value else {
                    anyhow::bail!("no text");
                };
                let components =
                    Some(vec![row(Component::Button(press())), row(Component::SelectMenu(drinks()))]);
                self.reply(asked, InteractionResponseData { components, ..says(text) }).await
            }
            "slow" => {
                let kind = InteractionResponseType::DeferredChannelMessageWithSource;
                self.respond(asked, kind, InteractionResponseData::default()).await?;
                client.update_response(&asked.token).content(Some("done")).await?;
                let hello = [Attachment::from_bytes("hello.txt".to_owned(), b"hello".to_vec(), 1)];
                client.create_followup(&asked.token).content("and a file").attachments(&hello).await?;
                Ok(())
            }
            "secret" => {
                let flags = Some(MessageFlags::EPHEMERAL);
                self.reply(asked, InteractionResponseData { flags, ..says("psst") }).await
            }
            "form" => {
                let data = InteractionResponseData {
                    custom_id: Some("form".to_owned()),
                    title: Some("A form".to_owned()),
                    components: Some(vec![row(Component::TextInput(field()))]),
                    ..Default::default()
                };
                self.respond(asked, InteractionResponseType::Modal, data).await
            }
            _ => {
                let messages = &data.resolved.as_ref().context("no message")?.messages;
                let quoted = messages.values().next().context("no message")?;
                self.reply(asked, says(&format!("> {}", quoted.content))).await
            }
        }
    }

    async fn reply(&self, asked: &Interaction, data: InteractionResponseData) -> Result<()> {
        self.respond(asked, InteractionResponseType::ChannelMessageWithSource, data).await
    }

    async fn respond(
        &self,
        asked: &Interaction,
        kind: InteractionResponseType,
        data: InteractionResponseData,
    ) -> Result<()> {
        let response = InteractionResponse { kind, data: Some(data) };
        let client = self.http.interaction(self.application);
        client.create_response(asked.id, &asked.token, &response).await?;
        Ok(())
    }
}

fn says(content: &str) -> InteractionResponseData {
    InteractionResponseData { content: Some(content.to_owned()), ..Default::default() }
}

fn command(name: &str, description: &str, kind: CommandType) -> Command {
    #[expect(deprecated, reason = "the library has no other way to make one")]
    Command {
        application_id: None,
        contexts: None,
        default_member_permissions: None,
        description: description.to_owned(),
        description_localizations: None,
        dm_permission: None,
        guild_id: None,
        id: None,
        integration_types: None,
        kind,
        name: name.to_owned(),
        name_localizations: None,
        nsfw: None,
        options: Vec::new(),
        version: Id::new(1),
    }
}

fn option(name: &str, description: &str) -> CommandOption {
    CommandOption {
        autocomplete: None,
        channel_types: None,
        choices: None,
        description: description.to_owned(),
        description_localizations: None,
        kind: CommandOptionType::String,
        max_length: None,
        max_value: None,
        min_length: None,
        min_value: None,
        name: name.to_owned(),
        name_localizations: None,
        options: None,
        file_types: None,
        required: None,
    }
}

fn choice(text: &str) -> CommandOptionChoice {
    let value = CommandOptionChoiceValue::String(text.to_owned());
    CommandOptionChoice { name: text.to_owned(), name_localizations: None, value }
}

fn row(component: Component) -> Component {
    Component::ActionRow(ActionRow { components: vec![component], id: None })
}

fn press() -> Button {
    Button {
        custom_id: Some("press".to_owned()),
        disabled: false,
        emoji: None,
        id: None,
        label: Some("Press".to_owned()),
        sku_id: None,
        style: ButtonStyle::Primary,
        url: None,
    }
}

fn drinks() -> SelectMenu {
    let option = |label: &str| SelectMenuOption {
        default: false,
        description: None,
        emoji: None,
        label: label.to_owned(),
        value: label.to_lowercase(),
    };
    SelectMenu {
        channel_types: None,
        custom_id: "pick".to_owned(),
        default_values: None,
        disabled: false,
        id: None,
        kind: SelectMenuType::Text,
        max_values: None,
        min_values: None,
        options: Some(vec![option("Tea"), option("Coffee")]),
        placeholder: None,
        required: None,
    }
}

#[expect(deprecated, reason = "a label on the field itself is what most bots still send")]
fn field() -> TextInput {
    TextInput {
        custom_id: "field".to_owned(),
        id: None,
        label: Some("What?".to_owned()),
        max_length: None,
        min_length: None,
        placeholder: None,
        required: None,
        style: TextInputStyle::Short,
        value: None,
    }
}
