/* The same as entry_x64.S, for arm64. */
.text
.global merged_start
.type merged_start,%function
merged_start:
	mov x29,#0
	mov x30,#0
	ldr x0,[sp]                     /* argc */
	add x1,sp,#16
	add x1,x1,x0,lsl #3             /* past argv and its null: the environment */
1:	ldr x2,[x1],#8
	cbnz x2,1b
2:	ldr x2,[x1]                     /* the auxiliary vector: pairs of type and value */
	cbz x2,5f
	cmp x2,#7
	b.ne 3f
	adrp x3,__ehdr_start
	add x3,x3,:lo12:__ehdr_start
	str x3,[x1,#8]
3:	cmp x2,#9
	b.ne 4f
	adrp x3,merged_entry_local
	ldr x3,[x3,:lo12:merged_entry_local]
	str x3,[x1,#8]
4:	add x1,x1,#16
	b 2b
5:	b _dlstart
.hidden __ehdr_start
.hidden _dlstart

.section .rodata
.global merged_entry
.balign 8
merged_entry_local:
merged_entry:
	.quad 0x1122334455667788
.section .note.GNU-stack,"",%progbits
