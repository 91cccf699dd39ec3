// Everything pages do beyond HTML. Each part finds its elements by data attributes and leaves the rest alone, and each
// page works without any of it.

import "./ai.js";
import "./board.js";
import "./busy.js";
import "./copy.js";
import "./dialogs.js";
import "./files.js";
import "./htmx.js";
import "./keep.js";
import "./markdown.js";
import "./preview.js";
import "./rows.js";
import "./select.js";
import "./shortcuts.js";
import "./small.js";
import "./toasts.js";
import "./variables.js";
