/** The colours that SwanLab gives to runs and categories (swanlab-api §3.4). */
export const palette: readonly string[] = [
  "#528d59",
  "#587ad2",
  "#c24d46",
  "#9cbe5d",
  "#6ebad3",
  "#dfb142",
  "#6d4ba4",
  "#8cc5b7",
  "#892d58",
  "#40877c",
  "#d0703c",
  "#d47694",
  "#e3b292",
  "#b15fbb",
  "#905f4a",
  "#989fa3",
];
