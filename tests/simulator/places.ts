/** The folder of all runs. */
export const runsFolder = "/runs";
/** Where programs remember what they did. */
export const stateFolder = "/state";
/** Where they move run directories, if they are to. */
export const trashFolder = "/trash";
/** How a run directory is called that is being deleted. */
export const trashName: RegExp = /^\.runferry-trash-/;
