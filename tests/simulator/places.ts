/** The folder of all runs. */
export const runsFolder = "/runs";
/** Where programs remember what they did. */
export const stateFolder = "/state";
/** Where they move run directories, if they are to. */
export const trashFolder = "/trash";
