/** Every sheet, in order: the layers in `base.css` decide what counts. */

import "./fonts.css";
import "./tokens.css";
import "./base.css";
import "./parts/parts.css";
import "./rich/rich.css";
import "./shell/shell.css";
import "./timeline/timeline.css";
import "./composer/composer.css";
import "./emoji/emoji.css";
import "./dialogs/dialogs.css";
import "./door/door.css";
